#!/bin/bash
cat > "$1/$2"
sync "$1/$2"
sync "$1"
