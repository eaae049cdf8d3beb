"""libtiff's own lines are left out, nobody else's."""

import os
from threading import Barrier, Thread

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


def test_it_shows_again_what_it_did_however_threads_overlap(capfd):
    both, first_done = Barrier(2, timeout=10), Barrier(2, timeout=10)

    def first():
        with libtiff_quiet():
            both.wait()
        first_done.wait()

    def second():
        with libtiff_quiet():
            both.wait()
            first_done.wait()
            os.write(2, b"_tiffWriteProc: No space left on device.\nother\n")

    threads = [Thread(target=first), Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "other\nafter\n"


def test_without_a_place_for_a_file_all_is_shown(capfd, monkeypatch):
    def refuse():
        raise FileNotFoundError

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with libtiff_quiet():
        os.write(2, b"_tiffWriteProc: No space left on device.\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "_tiffWriteProc: No space left on device.\nafter\n"
