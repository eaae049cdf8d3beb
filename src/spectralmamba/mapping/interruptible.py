"""Loaded last by the process that workers fork from, which is deaf to Ctrl-C until then.

A Ctrl-C reaches all processes of a terminal, and one that meets it while it imports ends with a traceback. So
:func:`spectralmamba.mapping.forkserver.start_forkserver` blocks the signal, and here, when all is loaded, it is
unblocked: what forks from this process can be interrupted like any other.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)  # forgets one that came meanwhile
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
signal.signal(signal.SIGINT, signal.default_int_handler)
