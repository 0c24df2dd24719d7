"""PyTorch: torch_peer.py FOLDER TASK SETTINGS, in the language of bench/serve.ts."""

import json
import os
import sys
import time
from pathlib import Path

# OpenBLAS 0.3.21 takes processors younger than itself for old ones, a quarter as fast; so it is told what this is.
cpuinfo = Path("/proc/cpuinfo")
has_avx512 = cpuinfo.exists() and "avx512vl" in cpuinfo.read_text()
folder, task, settings = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
with_avx512 = has_avx512 and settings.get("without") != "AVX-512"
os.environ["OPENBLAS_CORETYPE"] = "SkylakeX" if with_avx512 else "Haswell"
os.environ.pop("OPENBLAS_L2_SIZE", None)
if not with_avx512:
    os.environ |= {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402

# Debian's PyTorch takes whatever BLAS the system has; the reference one is ten times slower than it need be.
with open("/proc/self/maps") as maps:
    if "libopenblas" not in maps.read():
        sys.exit("PyTorch runs on a slow BLAS here: apt-get install libopenblas0-openmp")
torch.set_num_threads(settings["threads"])
sizes = json.loads((folder / "sizes.json").read_text())
V, E, H, heads = sizes["V"], sizes["E"], sizes["H"], sizes["heads"]
weights = np.fromfile(folder / "weights.f32", np.float32)
ids = torch.from_numpy(np.fromfile(folder / "ids.i32", np.int32).reshape(-1, sizes["length"]))
lengths = torch.from_numpy(np.fromfile(folder / "lengths.i32", np.int32).astype(np.int64))
padded = bool((lengths < sizes["length"]).any())
labels = torch.from_numpy(np.fromfile(folder / "labels.f32", np.float32))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(V, E)
        self.lstm = nn.LSTM(E, H, batch_first=True)
        self.attention = nn.MultiheadAttention(H, heads, batch_first=True) if heads else None
        self.dropout = nn.Dropout(0.5)
        self.norm = nn.BatchNorm1d(H)
        self.dense = nn.Linear(H, 1)
        # PyTorch has two biases in an LSTM; the second stays zero.
        lstm = self.lstm
        nn.init.zeros_(lstm.bias_hh_l0)
        tensors = [self.table.weight, lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0]
        if heads:
            attention, norm = self.attention, self.norm
            tensors += [attention.in_proj_weight, attention.in_proj_bias]
            tensors += [attention.out_proj.weight, attention.out_proj.bias]
            tensors += [norm.weight, norm.bias, norm.running_mean, norm.running_var]
        at = 0
        for tensor in [*tensors, self.dense.weight, self.dense.bias]:
            values = torch.from_numpy(weights[at : at + tensor.numel()])
            tensor.data.copy_(values.view_as(tensor))
            at += tensor.numel()

    def forward(self, start, count):
        some = slice(start, start + count)
        states, (h, _) = self.lstm(self.table(ids[some]))
        if heads:
            mixed, _ = self.attention(states, states, states, need_weights=False)
            return self.dense(self.norm(self.dropout(mixed.mean(dim=1))))[:, 0]
        # What comes behind a padded text's last word does not reach the state there.
        last = states[torch.arange(count), lengths[some] - 1] if padded else h[-1]
        return self.dense(last)[:, 0]


def open_training():
    model = Model()
    loss_of = nn.BCEWithLogitsLoss()
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step(start, count):
        adam.zero_grad(set_to_none=True)
        loss = loss_of(model(start, count), labels[start : start + count])
        loss.backward()
        adam.step()
        return [loss.item()]

    return step


def open_prediction():
    model = Model().eval()

    def run(start, count):
        with torch.inference_mode():
            return torch.sigmoid(model(start, count)).tolist()

    return run


def answer(line):
    print(json.dumps(line), flush=True)


now = time.perf_counter
start, cpu = now(), time.process_time()
run = open_training() if task == "train" else open_prediction()
outputs = run(0, 32 if task == "train" else 1)
first = {"firstMs": (now() - start) * 1e3, "cpuMs": (time.process_time() - cpu) * 1e3}
kernels = os.environ["OPENBLAS_CORETYPE"]
answer({"version": f"{torch.__version__}, OpenBLAS for {kernels}", **first, "outputs": outputs})
for line in sys.stdin:
    asked = json.loads(line)
    times = []
    cpu = time.process_time()
    end = now() + asked["ms"] / 1e3
    while len(times) < asked["calls"] or now() < end:
        row = (asked["from"] + len(times) * asked["count"]) % asked["rows"]
        before = now()
        outputs = run(row, asked["count"])
        times.append((now() - before) * 1e3)
    cpu_ms = (time.process_time() - cpu) * 1e3
    answer({"times": times, "cpuMs": cpu_ms, "outputs": outputs})
