#!/bin/sh
# Runs the tests of a mutant for cargo, nothing after the first failure: the rules first, then the laws, and last what
# draws every message, page and record, which takes most of the time and rarely notices anything alone. That option of
# the test harness is not stable yet, hence the variable. Without it, and in any order, the outcome would be the same.
set -e
export RUSTC_BOOTSTRAP=1
slow='archived_ bus_ contract digest_ evidence_ inspection_ messages_ notice overview_ samples self_defence_'
binary=$1
shift
# Another number of allocations is no reason to believe that a rule is tested.
case $binary in */allocations-*) exit 0 ;; esac
set -- -Z unstable-options --fail-fast "$@"
# shellcheck disable=SC2046,SC2086 # a word for each name
"$binary" "$@" --skip _laws $(printf ' --skip %s' $slow)
"$binary" "$@" _laws
# shellcheck disable=SC2086
exec "$binary" "$@" $slow
