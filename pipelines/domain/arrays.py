"""The arrays that go between features, models and evaluation."""

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
