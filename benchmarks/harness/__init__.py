"""What the benchmarks share: data that is kept between runs, servers, load, and the table."""
