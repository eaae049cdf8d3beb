"""libtiff's own lines are left out, nobody else's."""

import os

from spectralmamba.mapping.outputs.quiet import libtiff_quiet


def test_lines_of_libtiff_are_left_out_and_others_come_at_the_end(capfd):
    os.write(2, b"before\n")
    with libtiff_quiet():
        os.write(2, b"_tiffWriteProc: No space left on device.\nother\n_tiffSeekProc: No space.\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "before\nother\nafter\n"


def test_an_error_passes(capfd):
    try:
        with libtiff_quiet():
            os.write(2, b"said\n")
            raise ValueError
    except ValueError:
        pass
    assert capfd.readouterr().err == "said\n"


def test_standard_error_may_be_closed():
    kept = os.dup(2)
    os.close(2)
    try:
        with libtiff_quiet():
            pass
    finally:
        os.dup2(kept, 2)
        os.close(kept)
