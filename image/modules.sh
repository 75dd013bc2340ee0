# SPDX-License-Identifier: GPL-2.0-or-later
# To be sourced. Modules of ours that take part in set-up.

# Runs a module, quietly passing over one this tree does not have.
run_if_present() {
    local file="${1//.//}"
    if [ -e "$file.py" ] || [ -e "$file/__main__.py" ]; then
        .venv/bin/python -m "$1"
    fi
}
