# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs paged_attention.py, unchanged, under real Triton's interpreter and compares with
reference.py: python interpret.py [name=value ...]"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import interpreted

if __name__ == "__main__":
    sys.exit(interpreted.main("paged-attention", sys.argv[1:]))
