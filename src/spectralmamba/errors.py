"""What can go wrong for a user, as a hierarchy that also subclasses the built-ins.

Every message is one sentence of fact and one of advice. The command line prints it as one line and exits with
:attr:`SpectralMambaError.exit_code`; anything that is not a ``SpectralMambaError`` is a defect of this package.
"""


class SpectralMambaError(Exception):
    """Base of every error that a user can cause and mend."""

    exit_code = 2


class SceneError(SpectralMambaError, ValueError):
    """A scene cannot be opened, or is not what the task needs."""


class LabelError(SpectralMambaError, ValueError):
    """Labels cannot be opened, do not fit the scene, or do not suffice."""


class SplitError(SpectralMambaError, ValueError):
    """A split cannot be made from these labels, or read back."""


class ConfigError(SpectralMambaError, ValueError):
    """A model, training or command option has an impossible value."""


class RunError(SpectralMambaError, ValueError):
    """A run directory is missing, incomplete, foreign, or in the way."""


class BackendError(SpectralMambaError, RuntimeError):
    """A backend that was asked for by name is not there."""


class ClusterError(BackendError):
    """The cluster that is to compute was lost, or cannot be used, whatever the task."""


class DatasetError(SpectralMambaError, RuntimeError):
    """A benchmark data set is unknown, cannot be fetched, or is not what was published."""


class OutputError(SpectralMambaError, OSError):
    """An output cannot be written where it was asked for."""
