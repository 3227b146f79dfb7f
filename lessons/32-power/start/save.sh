#!/bin/bash
# save.sh DIR NAME: saves what it reads as DIR/NAME. The power may go off at any moment.
cat > "$1/$2"
