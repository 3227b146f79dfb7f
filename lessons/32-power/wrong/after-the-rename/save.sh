#!/bin/bash
cat > "$1/.new"
mv "$1/.new" "$1/$2"
sync "$1/$2"
sync "$1"
