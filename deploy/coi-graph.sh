#!/bin/sh
# The command for whoever runs the machine, as root: with the settings and the account of the
# services, so files are named by their whole path. To /usr/local/sbin/coi-graph.
exec systemd-run --quiet --collect --wait --pipe --uid=coi-graph --gid=coi-graph \
  --property=EnvironmentFile=/etc/coi-graph/coi-graph.env --property=UMask=0027 \
  /opt/coi-graph/bin/coi-graph "$@"
