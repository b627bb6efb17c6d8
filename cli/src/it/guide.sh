#!/bin/sh
# Builds and runs the guide's Java example in a project of its own, which depends on the installed artifacts.
# Everything goes into a temporary folder; the user's local repository is read for libraries alone.
# JAVA_HOME must be a JDK 25.0.3 or newer, because the project has no toolchain.
set -eu

root=$(CDPATH='' cd -P "$(dirname "$0")/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# block LANGUAGE: the guide's only block of a language.
block() {
  awk -v fence="\`\`\`$1" '/^```/ { inside = ($0 == fence); next } inside' "$root/docs/guide.md"
}

maven() {
  "$root/mvnw" -B -q -Dmaven.repo.local="$work/repository" \
    -Dmaven.repo.local.tail="$HOME/.m2/repository" "$@"
}

maven -f "$root/pom.xml" install -Dmaven.test.skip=true -Dexec.skip
project=$work/stripes
mkdir -p "$project/src/main/java"
block xml >"$project/pom.xml"
block java >"$project/src/main/java/Stripes.java"
cd "$project"
maven compile exec:exec
find runs -type f
