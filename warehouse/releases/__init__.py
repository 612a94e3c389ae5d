"""What goes out: versions, candidates and the persons who decide; `current` and `preview` swapped by one rename.

发布：版本、候选与决定的人；`current` 与 `preview` 各由一次改名换上。
"""
