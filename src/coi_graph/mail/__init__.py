"""Letters to contributors by SMTP: what they say, and their way out."""
