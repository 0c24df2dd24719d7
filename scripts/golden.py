"""Writes test/golden/*.json: what PyTorch computes, for gatelet to be held to.

    apt-get install python3-torch && python3 scripts/golden.py

PyTorch computes in float64 from inputs that are exact in float32 (multiples of 1/256), and results are
written with the nine digits a float32 needs. Dimensions differ from each other and none is a multiple of 8.
PyTorch's second bias, bias_hh, is zero and frozen: gatelet has one. test/golden/fixture.ts is the type of
this format:

lstm.json        A packed batch of unequal sequences, longest first, through two bidirectional layers.
                 loss = Σ dY∘y; `gradient` holds its derivatives.
  x, dY, y       [sequence][step][feature]; gradient.x has the shape of x
  layers         [layer][direction] (0 forward, 1 reverse), each
                 { weightIH, weightHH, bias, h0, c0, hn, cn, gradient: { weightIH … c0 } };
                 states are [sequence][unit]; hn, cn follow the last walked step (step 0 in reverse)

classifier.json  Ten steps of training: embedding → two bidirectional LSTM layers → pooling → dense → loss.
  vocabulary, embedding, hidden        sizes
  batches        [{ texts: [text][id], classes: [text], binary: [text] }]; step s trains on batch s mod 2.
                 Texts are not sorted by length; some ids are in both batches, some in one, some in none.
  initial        parameters by name: embedding.weight [V,E],
                 lstm.<0|1>.<forward|reverse>.<weightIH|weightHH|bias>, and for the three-class head
                 dense.weight [3,2H], dense.bias [3]; `binaryDense` { weight, bias } replaces it for one logit
  runs           [{ name, pooling, loss, classWeights, smoothing, optimizer, learningRate, epsilon,
                 losses, gradient, final }]
    pooling      last: h of the top layer after its last walked step, forward | reverse; mean, max: over the
                 true length of each text
    loss         softmax: Σ w[y]·CE / Σ w[y]; under PyTorch's label smoothing each of the K classes has
                 smoothing/K of the target, weighted by its own w, and the divisor stays Σ w[y];
                 classWeights null = ones.
                 sigmoid: one logit, mean binary cross-entropy against `binary`
    optimizer    adam: Adam(0.9, 0.999, epsilon) on all but the embedding, SparseAdam on the embedding (rows
                 outside the batch keep value and moments; the step counts batches, not visits). SparseAdam
                 adds epsilon to √v before the bias correction, Adam after it: epsilon is so small that the
                 two agree.
                 sgd: w -= learningRate·gradient, on every parameter
    losses       loss before each of the ten steps
    gradient     of the first step, names as in `initial`
    final        parameters after the tenth step
    PyTorch itself in float32 differs from this file by 1.4e-7 in the losses, 4.5e-7 of the largest element
    in each gradient, 4.8e-7 in the final parameters.

cells.json       Other recurrent cells, and normalised LSTMs put together from layer_norm and batch_norm, bidirectional, over a packed batch of unequal sequences, from zero states:
                 [{ name, x, dY, y [sequence][step][feature], parameters, gradient }], loss = Σ dY∘y;
                 parameters and gradients by gatelet's names, gradient.x has the shape of x. Of GRU's second
                 bias only the candidate's part is not zero: gatelet's biasHN.

loss.json        Loss kernels: { softmax, sigmoid }, each a list of
                 { name, logits [M,K], targets, weights, smoothing, mix, loss, gradient [M,K] }.
  mix            null or { partners [M], share }: share times the loss, and the rest of that by the targets of the partners
  softmax        targets [M]; as the softmax loss above
  sigmoid        targets [M,K] of 0 and 1; smoothing s makes them t(1-s) + s/2; weights [K] multiply their
                 column; the loss is the mean over M·K, not divided by the weights

norm.json        { batch, layer, pair }, each gamma, beta [C] and matrices [row][feature]; loss = Σ dY∘y
  batch          BatchNorm1d: { gamma, beta, batches: [{ x, dY, y, gradient: { x, gamma, beta },
                 running: { mean, variance } }], prediction: { x, y } }; `running` after that batch (momentum
                 0.1), the prediction after the last
  layer          LayerNorm: { gamma, beta, x, dY, y, gradient }
  pair           BatchNorm1d, then tanh, then undone by the same statistics, gamma and beta, all by autograd; as layer

attention.json   MultiheadAttention of a text with itself, texts of unequal length; loss = Σ dY∘y
  heads, weightQKV [3C,C], biasQKV, weightOut [C,C], biasOut
  x, dY, y       [text][word][feature]
  weights        [text][head][query][key]
  gradient       { x, weightQKV, biasQKV, weightOut, biasOut }
  last, learned  the same attention with one query a text: its last word, or one vector that is asked as it is, all by
                 PyTorch's MultiheadAttention: { dY, y [text][feature], parameters, gradient: { x, … } }

transformer.json TransformerEncoderLayer(norm_first, gelu) without dropout; loss = Σ dY∘y
  heads, hidden, parameters by gatelet's names
  x, dY, y       [text][word][feature]
  gradient       { x, … } by the same names

graph.json       D^(-1/2)(A + I)D^(-1/2) X W^T + b, then tanh, by dense matrices over edges of each text; loss = Σ dY∘y
  edges          [text][edge][two words]: in any direction, some twice
  x, dY, y       [text][word][feature]
  parameters, gradient   { weight [O,C], bias [O] }, and { x, … } by the same names

optimizers.json  Ten steps of each of PyTorch's optimisers over a matrix [3,5] and a vector [7], of given gradients.
  matrix, vector       initial parameters
  gradients            [step][matrix, vector]
  runs                 [{ name, options, matrix, vector, given }]: gatelet's name and options, the parameters after the tenth
                       step, and what a model is given in their place. l2 and weightDecay act on the matrix alone.
  averages             [{ name, options, losses, optimizer, matrix, vector }]: averages of the parameters after the tenth step of sgd
                       with such options; losses are those of validation before each step: [step][epoch]. The mean is that of ASGD.
"""

import json
import random
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

GOLDEN = Path(__file__).resolve().parent.parent / "test" / "golden"
STEPS = 10
DIRECTIONS = ("forward", "reverse")


def draw(rng, *shape, scale=1.0):
    """Multiples of 1/256 in [-scale, scale]: exact in float32 and short in JSON."""
    count = torch.Size(shape).numel()
    values = [round((2 * rng.random() - 1) * scale * 256) / 256 for _ in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def numbers(value):
    """Tensors to nested lists, floats to the nine digits that identify a float32."""
    if isinstance(value, torch.Tensor):
        return numbers(value.detach().tolist())
    if isinstance(value, dict):
        return {key: numbers(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [numbers(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def write(name, fixture):
    (GOLDEN / name).write_text(json.dumps(numbers(fixture), separators=(",", ":")) + "\n")


def lstm_parameters(lstm, layer, direction):
    """gatelet's names for the parameters of one direction of one layer."""
    suffix = f"_l{layer}" + ("_reverse" if direction == "reverse" else "")
    return {
        "weightIH": getattr(lstm, "weight_ih" + suffix),
        "weightHH": getattr(lstm, "weight_hh" + suffix),
        "bias": getattr(lstm, "bias_ih" + suffix),
    }


def make_lstm(rng, features, hidden, scale):
    lstm = nn.LSTM(features, hidden, num_layers=2, bidirectional=True, batch_first=True).double()
    with torch.no_grad():
        for name, parameter in lstm.named_parameters():
            if name.startswith("bias_hh"):
                parameter.zero_().requires_grad_(False)
            else:
                parameter.copy_(draw(rng, *parameter.shape, scale=scale))
    return lstm


def lstm_fixture(rng):
    lengths, features, hidden = [7, 5, 5, 2], 5, 10
    lstm = make_lstm(rng, features, hidden, scale=0.5)
    x = [draw(rng, length, features).requires_grad_() for length in lengths]
    h0, c0 = (draw(rng, 4, len(lengths), hidden).requires_grad_() for _ in range(2))
    d_y = [draw(rng, length, 2 * hidden) for length in lengths]

    packed = pack_padded_sequence(pad_sequence(x, batch_first=True), lengths, batch_first=True)
    output, (hn, cn) = lstm(packed, (h0, c0))
    padded, _ = pad_packed_sequence(output, batch_first=True)
    y = [padded[b, :length] for b, length in enumerate(lengths)]
    sum((a * b).sum() for a, b in zip(y, d_y)).backward()

    def direction(layer, index):
        row = 2 * layer + index
        parameters = lstm_parameters(lstm, layer, DIRECTIONS[index])
        gradient = {name: parameter.grad for name, parameter in parameters.items()}
        states = {"h0": h0[row], "c0": c0[row], "hn": hn[row], "cn": cn[row]}
        return {**parameters, **states, "gradient": {**gradient, "h0": h0.grad[row], "c0": c0.grad[row]}}

    return {
        "x": x,
        "dY": d_y,
        "y": y,
        "layers": [[direction(layer, index) for index in (0, 1)] for layer in (0, 1)],
        "gradient": {"x": [sequence.grad for sequence in x]},
    }


def cell_case(rng, name, cell, hidden_bias=None):
    """Numbers for both directions of a recurrent module; hidden_bias is the part of bias_hh that is learnt."""
    lengths = [5, 3, 3, 1]
    features = cell.input_size
    gates = cell.weight_hh_l0.shape[0] // cell.hidden_size
    keep = torch.zeros(gates * cell.hidden_size, dtype=torch.float64)
    if hidden_bias is not None:
        keep[hidden_bias * cell.hidden_size :] = 1
    with torch.no_grad():
        for parameter_name, parameter in cell.named_parameters():
            parameter.copy_(draw(rng, *parameter.shape, scale=0.5))
            if parameter_name.startswith("bias_hh"):
                parameter.mul_(keep)

    x = [draw(rng, length, features).requires_grad_() for length in lengths]
    packed = pack_padded_sequence(pad_sequence(x, batch_first=True), lengths, batch_first=True)
    padded, _ = pad_packed_sequence(cell(packed)[0], batch_first=True)
    y = [padded[b, :length] for b, length in enumerate(lengths)]
    d_y = [draw(rng, *rows.shape) for rows in y]
    sum((a * b).sum() for a, b in zip(y, d_y)).backward()

    def named(of):
        result = {}
        for direction, suffix in zip(DIRECTIONS, ("_l0", "_l0_reverse")):
            for ours, theirs in (("IH", "ih"), ("HH", "hh"), ("HR", "hr")):
                if hasattr(cell, f"weight_{theirs}{suffix}"):
                    result[f"{direction}.weight{ours}"] = of(getattr(cell, f"weight_{theirs}{suffix}"))
            result[f"{direction}.bias"] = of(getattr(cell, f"bias_ih{suffix}"))
            if hidden_bias is not None:
                second = of(getattr(cell, f"bias_hh{suffix}"))
                result[f"{direction}.biasHN"] = second[hidden_bias * cell.hidden_size :]
        return result

    gradient = {**named(lambda p: p.grad), "x": [sequence.grad for sequence in x]}
    return {"name": name, "x": x, "dY": d_y, "y": y, "parameters": named(lambda p: p), "gradient": gradient}


class LayerNormLstm(nn.Module):
    """One direction of the layer-normalised LSTM (Ba, Kiros & Hinton 2016); bias is that of both products."""

    def __init__(self, rng, features, hidden):
        super().__init__()
        self.features, self.hidden = features, hidden
        shapes = {"weightIH": (4 * hidden, features), "weightHH": (4 * hidden, hidden)}
        shapes |= {name: (4 * hidden,) for name in ("bias", "gammaIH", "gammaHH")}
        shapes |= {name: (hidden,) for name in ("gammaC", "betaC")}
        self.own = nn.ParameterDict({name: draw(rng, *shape, scale=0.5) for name, shape in shapes.items()})

    def forward(self, x):
        own, hidden = self.own, self.hidden
        h, c, states = torch.zeros(hidden).double(), torch.zeros(hidden).double(), []
        for row in x:
            z = F.layer_norm(own["weightIH"] @ row, [4 * hidden], own["gammaIH"])
            z = z + F.layer_norm(own["weightHH"] @ h, [4 * hidden], own["gammaHH"]) + own["bias"]
            i, f, g, o = z.chunk(4)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * F.layer_norm(c, [hidden], own["gammaC"], own["betaC"]).tanh()
            states.append(h)
        return torch.stack(states)


def layer_norm_lstm_case(rng, name, features, hidden):
    cells = {direction: LayerNormLstm(rng, features, hidden) for direction in DIRECTIONS}
    x = [draw(rng, length, features).requires_grad_() for length in [5, 3, 3, 1]]
    y = [torch.cat([cells["forward"](rows), cells["reverse"](rows.flip(0)).flip(0)], dim=1) for rows in x]
    d_y = [draw(rng, *rows.shape) for rows in y]
    sum((a * b).sum() for a, b in zip(y, d_y)).backward()

    def named(of):
        return {f"{direction}.{name}": of(p) for direction in DIRECTIONS for name, p in cells[direction].own.items()}

    gradient = {**named(lambda p: p.grad), "x": [sequence.grad for sequence in x]}
    return {"name": name, "x": x, "dY": d_y, "y": y, "parameters": named(lambda p: p), "gradient": gradient}


def batch_norm_lstm_case(rng, name, features, hidden, recurrent):
    """
    Batch norm of the input's product over all words (Laurent et al. 2015), and with `recurrent` of the state's product and the
    cell over the texts of each step (Cooijmans et al. 2016), where at least two texts reach it.
    """
    lengths = [5, 5, 3, 3]
    norm = lambda rows, gamma, beta=None: F.batch_norm(rows, None, None, gamma, beta, training=True)
    shapes = {"weightIH": (4 * hidden, features), "weightHH": (4 * hidden, hidden), "bias": (4 * hidden,)}
    shapes |= {"gammaIH": (4 * hidden,)}
    if recurrent:
        shapes |= {"gammaHH": (4 * hidden,), "gammaC": (hidden,), "betaC": (hidden,)}
    own = {key: draw(rng, *shape, scale=0.5).requires_grad_() for key, shape in shapes.items()}
    x = [draw(rng, length, features).requires_grad_() for length in lengths]
    rows = norm(torch.cat(x) @ own["weightIH"].T, own["gammaIH"]).split(lengths)
    h = c = torch.zeros(len(lengths), hidden).double()
    states = []
    for t in range(max(lengths)):
        alive = sum(length > t for length in lengths)
        h, c = h[:alive], c[:alive]
        from_h = h @ own["weightHH"].T
        z = torch.stack([rows[b][t] for b in range(alive)]) + own["bias"]
        z = z + (norm(from_h, own["gammaHH"]) if recurrent else from_h)
        i, f, g, o = z.chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * (norm(c, own["gammaC"], own["betaC"]) if recurrent else c).tanh()
        states.append(h)
    y = [torch.stack([states[t][b] for t in range(length)]) for b, length in enumerate(lengths)]
    d_y = [draw(rng, *rows.shape) for rows in y]
    sum((a * b).sum() for a, b in zip(y, d_y)).backward()
    gradient = {**{f"forward.{key}": p.grad for key, p in own.items()}, "x": [sequence.grad for sequence in x]}
    parameters = {f"forward.{key}": p for key, p in own.items()}
    return {"name": name, "x": x, "dY": d_y, "y": y, "parameters": parameters, "gradient": gradient}


def cells_fixture(rng):
    shape = {"input_size": 3, "hidden_size": 5, "batch_first": True, "bidirectional": True}

    def cell(kind, **options):
        return kind(**shape, **options).double()

    return [
        cell_case(rng, "rnn, tanh", cell(nn.RNN, nonlinearity="tanh")),
        cell_case(rng, "rnn, relu", cell(nn.RNN, nonlinearity="relu")),
        cell_case(rng, "gru, reset after", cell(nn.GRU), hidden_bias=2),
        cell_case(rng, "lstm, projection 4", cell(nn.LSTM, proj_size=4)),
        layer_norm_lstm_case(rng, "lstm, layer norm", features=3, hidden=5),
        batch_norm_lstm_case(rng, "lstm, batch norm of the input", features=3, hidden=5, recurrent=False),
        batch_norm_lstm_case(rng, "lstm, recurrent batch norm", features=3, hidden=5, recurrent=True),
    ]


class Classifier(nn.Module):
    def __init__(self, rng, vocabulary, embedding, hidden):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding, sparse=True).double()
        self.embedding.weight.data = draw(rng, vocabulary, embedding)
        self.lstm = make_lstm(rng, embedding, hidden, scale=0.75)
        self.dense = self.make_dense(rng, 2 * hidden, 3)

    @staticmethod
    def make_dense(rng, features, outputs):
        dense = nn.Linear(features, outputs).double()
        dense.weight.data = draw(rng, outputs, features)
        dense.bias.data = draw(rng, outputs)
        return dense

    def forward(self, texts, pooling):
        x = pad_sequence([self.embedding(torch.tensor(text)) for text in texts], batch_first=True)
        lengths = torch.tensor([len(text) for text in texts])
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, (hn, _) = self.lstm(packed)
        y, _ = pad_packed_sequence(output, batch_first=True)
        padding = (torch.arange(y.shape[1]) >= lengths[:, None])[:, :, None]
        if pooling == "last":
            pooled = torch.cat([hn[-2], hn[-1]], dim=1)
        elif pooling == "mean":
            pooled = y.masked_fill(padding, 0).sum(1) / lengths[:, None]
        else:
            pooled = y.masked_fill(padding, -torch.inf).amax(1)
        return self.dense(pooled)

    def named(self, of=lambda parameter: parameter):
        """`of` each trained parameter, under gatelet's names."""
        lstm = {
            f"lstm.{layer}.{direction}.{name}": of(parameter)
            for layer in (0, 1)
            for direction in DIRECTIONS
            for name, parameter in lstm_parameters(self.lstm, layer, direction).items()
        }
        dense = {"dense.weight": of(self.dense.weight), "dense.bias": of(self.dense.bias)}
        return {"embedding.weight": of(self.embedding.weight), **lstm, **dense}


def train(model, batches, run):
    """Ten steps of `run`; returns its losses, the gradient of the first step and the final parameters."""
    rest = [p for name, p in model.named().items() if name != "embedding.weight"]
    if run["optimizer"] == "adam":
        optimizers = [
            torch.optim.SparseAdam([model.embedding.weight], lr=run["learningRate"], eps=run["epsilon"]),
            torch.optim.Adam(rest, lr=run["learningRate"], eps=run["epsilon"]),
        ]
    else:
        optimizers = [torch.optim.SGD([model.embedding.weight, *rest], lr=run["learningRate"])]

    losses = []
    for step in range(STEPS):
        batch = batches[step % len(batches)]
        logits = model(batch["texts"], run["pooling"])
        if run["loss"] == "softmax":
            weights = run["classWeights"] and torch.tensor(run["classWeights"]).to(logits)
            classes = torch.tensor(batch["classes"])
            loss = F.cross_entropy(logits, classes, weight=weights, label_smoothing=run["smoothing"])
        else:
            loss = F.binary_cross_entropy_with_logits(logits[:, 0], torch.tensor(batch["binary"]).to(logits))
        model.zero_grad(set_to_none=True)
        loss.backward()
        if step == 0:
            gradient = model.named(lambda p: p.grad.to_dense() if p.grad.is_sparse else p.grad.clone())
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
    return {"losses": losses, "gradient": gradient, "final": model.named(lambda p: p.detach().clone())}


def classifier_fixture(rng):
    vocabulary, embedding, hidden = 17, 5, 6

    def text(length, ids):
        return [ids[int(rng.random() * len(ids))] for _ in range(length)]

    def batch(lengths, ids, classes, binary):
        return {"texts": [text(length, ids) for length in lengths], "classes": classes, "binary": binary}

    batches = [
        batch((3, 7, 1, 4), range(1, 11), [0, 2, 1, 2], [1, 0, 0, 1]),
        batch((2, 2, 6, 5, 1), range(6, 16), [1, 0, 0, 2, 1], [0, 1, 1, 0, 0]),
    ]
    initial = Classifier(rng, vocabulary, embedding, hidden)
    binary = Classifier.make_dense(rng, 2 * hidden, 1)

    adam = {"optimizer": "adam", "learningRate": 0.02, "epsilon": 1e-12}
    sgd = {"optimizer": "sgd", "learningRate": 0.25, "epsilon": None}
    shared = {"loss": "softmax", "classWeights": None, "smoothing": 0.0, **adam}
    weighted = {**shared, "classWeights": [0.5, 1.0, 2.5], "smoothing": 0.125}
    runs = [
        {"name": "last, softmax, weighted and smoothed, adam", "pooling": "last", **weighted},
        {"name": "mean, softmax, weighted and smoothed, adam", "pooling": "mean", **weighted},
        {"name": "max, softmax, weighted and smoothed, adam", "pooling": "max", **weighted},
        {"name": "mean, sigmoid, adam", "pooling": "mean", **shared, "loss": "sigmoid"},
        {"name": "last, softmax, sgd", "pooling": "last", **shared, **sgd},
    ]

    def model_of(run):
        model = Classifier(random.Random(0), vocabulary, embedding, hidden)
        if run["loss"] == "sigmoid":
            model.dense = nn.Linear(2 * hidden, 1).double()
            start = {**initial.named(), "dense.weight": binary.weight, "dense.bias": binary.bias}
        else:
            start = initial.named()
        for name, parameter in model.named().items():
            parameter.data.copy_(start[name])
        return model

    return {
        "vocabulary": vocabulary,
        "embedding": embedding,
        "hidden": hidden,
        "batches": batches,
        "initial": initial.named(),
        "binaryDense": {"weight": binary.weight, "bias": binary.bias},
        "runs": [{**run, **train(model_of(run), batches, run)} for run in runs],
    }


def loss_fixture(rng):
    rows, classes = 6, 5
    logits = draw(rng, rows, classes, scale=4.0)
    large = torch.tensor([[90.0, -90.0, 0.0], [-100.0, -100.5, -99.0], [100.0, 30.0, 99.5]]).double()
    targets = [int(rng.random() * classes) for _ in range(rows)]
    labels = [[int(rng.random() < 0.4) for _ in range(classes)] for _ in range(rows)]
    weights = [0.25, 1.0, 3.0, 0.5, 2.0]

    mix = {"partners": [3, 0, 5, 1, 4, 2], "share": 0.625}

    def case(loss_of, name, logits, targets, weights, smoothing, mix=None):
        logits = logits.clone().requires_grad_()
        options = [weights and torch.tensor(weights).double(), smoothing]
        loss = loss_of(logits, torch.tensor(targets), *options)
        if mix:
            others = loss_of(logits, torch.tensor(targets)[mix["partners"]], *options)
            loss = mix["share"] * loss + (1 - mix["share"]) * others
        loss.backward()
        options = {"weights": weights, "smoothing": smoothing, "mix": mix}
        results = {"loss": loss.item(), "gradient": logits.grad}
        return {"name": name, "logits": logits, "targets": targets, **options, **results}

    def softmax(logits, targets, weights, smoothing):
        return F.cross_entropy(logits, targets, weight=weights, label_smoothing=smoothing)

    def sigmoid(logits, targets, weights, smoothing):
        smoothed = targets.double() * (1 - smoothing) + smoothing / 2
        return F.binary_cross_entropy_with_logits(logits, smoothed, weight=weights)

    def cases(loss_of, targets, large_targets):
        return [
            case(loss_of, "plain", logits, targets, None, 0.0),
            case(loss_of, "weights", logits, targets, weights, 0.0),
            case(loss_of, "smoothing", logits, targets, None, 0.125),
            case(loss_of, "weights and smoothing", logits, targets, weights, 0.125),
            case(loss_of, "large logits", large, large_targets, None, 0.0),
            case(loss_of, "mixed", logits, targets, weights, 0.125, mix),
        ]

    return {
        "softmax": cases(softmax, targets, [0, 1, 1]),
        "sigmoid": cases(sigmoid, labels, [[1, 0, 1], [0, 1, 0], [1, 1, 0]]),
    }


def batch_norm_case(rng, rows, features, steps):
    """Training mode on `steps` batches of one layer, then a prediction by its running statistics."""
    layer = nn.BatchNorm1d(features).double()
    layer.weight.data, layer.bias.data = draw(rng, features), draw(rng, features)
    start = {"gamma": layer.weight, "beta": layer.bias}
    batches = []
    for _ in range(steps):
        x, d_y = draw(rng, rows, features, scale=2.0).requires_grad_(), draw(rng, rows, features)
        layer.zero_grad(set_to_none=True)
        y = layer(x)
        (y * d_y).sum().backward()
        gradient = {"x": x.grad, "gamma": layer.weight.grad, "beta": layer.bias.grad}
        running = {"mean": layer.running_mean.clone(), "variance": layer.running_var.clone()}
        batches.append({"x": x, "dY": d_y, "y": y, "gradient": gradient, "running": running})
    x = draw(rng, rows, features, scale=2.0)
    return {**start, "batches": batches, "prediction": {"x": x, "y": layer.eval()(x)}}


def layer_norm_case(rng, rows, features):
    layer = nn.LayerNorm(features).double()
    layer.weight.data, layer.bias.data = draw(rng, features), draw(rng, features)
    x, d_y = draw(rng, rows, features, scale=2.0).requires_grad_(), draw(rng, rows, features)
    y = layer(x)
    (y * d_y).sum().backward()
    gradient = {"x": x.grad, "gamma": layer.weight.grad, "beta": layer.bias.grad}
    return {"gamma": layer.weight, "beta": layer.bias, "x": x, "dY": d_y, "y": y, "gradient": gradient}


def pair_case(rng, rows, features):
    gamma = (draw(rng, features).abs() + 0.5).requires_grad_()
    beta = draw(rng, features).requires_grad_()
    x, d_y = draw(rng, rows, features, scale=2.0).requires_grad_(), draw(rng, rows, features)
    normal = F.batch_norm(x, None, None, gamma, beta, training=True)
    deviation = (x.var(0, unbiased=False) + 1e-5).sqrt()
    y = (normal.tanh() - beta) / gamma * deviation + x.mean(0)
    (y * d_y).sum().backward()
    gradient = {"x": x.grad, "gamma": gamma.grad, "beta": beta.grad}
    return {"gamma": gamma, "beta": beta, "x": x, "dY": d_y, "y": y, "gradient": gradient}


def norm_fixture(rng):
    batch, layer = batch_norm_case(rng, 6, 5, 3), layer_norm_case(rng, 4, 5)
    return {"batch": batch, "layer": layer, "pair": pair_case(rng, 7, 5)}


def pooling_case(rng, layer, x, query):
    """Multi-head attention of each text for one query: the last word, or a learned vector in the place of its product."""
    features = layer.embed_dim
    asked = draw(rng, features).requires_grad_()
    if query == "learned":
        with torch.no_grad():
            layer.in_proj_weight[:features] = torch.eye(features)
            layer.in_proj_bias[:features] = 0
    x = [rows.detach().clone().requires_grad_() for rows in x]
    layer.zero_grad(set_to_none=True)
    y = [layer(rows[-1:] if query == "last" else asked[None], rows, rows)[0][0] for rows in x]
    d_y = [draw(rng, features) for _ in x]
    sum((a * b).sum() for a, b in zip(y, d_y)).backward()
    weight, bias = layer.in_proj_weight, layer.in_proj_bias
    names = {"weightOut": layer.out_proj.weight, "biasOut": layer.out_proj.bias}
    values = {**names, "weightQKV": weight, "biasQKV": bias}
    gradient = {name: parameter.grad for name, parameter in values.items()}
    if query == "learned":
        for of, read in ((values, lambda p: p), (gradient, lambda p: p.grad)):
            del of["weightQKV"], of["biasQKV"]
            of.update(query=read(asked), weightKV=read(weight)[features:], biasKV=read(bias)[features:])
    gradient["x"] = [rows.grad for rows in x]
    return numbers({"dY": d_y, "y": y, "parameters": values, "gradient": gradient})


def attention_fixture(rng):
    """Self-attention of unequal sequences, padded and masked."""
    lengths, features, heads = [7, 4, 1], 6, 2
    layer = nn.MultiheadAttention(features, heads, batch_first=True).double()
    for parameter in layer.parameters():
        parameter.data = draw(rng, *parameter.shape)
    x = [draw(rng, length, features, scale=2.0).requires_grad_() for length in lengths]
    d_y = [draw(rng, length, features) for length in lengths]
    padded = pad_sequence(x, batch_first=True)
    padding = torch.arange(padded.shape[1]) >= torch.tensor(lengths)[:, None]
    output, weights = layer(padded, padded, padded, key_padding_mask=padding, average_attn_weights=False)
    y = [output[b, :length] for b, length in enumerate(lengths)]
    sum((a * b).sum() for a, b in zip(y, d_y)).backward()

    def named(of):
        parameters = [layer.in_proj_weight, layer.in_proj_bias, layer.out_proj.weight, layer.out_proj.bias]
        return dict(zip(("weightQKV", "biasQKV", "weightOut", "biasOut"), map(of, parameters)))

    whole = {
        "heads": heads,
        **named(lambda parameter: parameter),
        "x": x,
        "dY": d_y,
        "y": y,
        "weights": [weights[b, :, :length, :length] for b, length in enumerate(lengths)],
        "gradient": {"x": [sequence.grad for sequence in x], **named(lambda parameter: parameter.grad)},
    }
    whole = numbers(whole)
    return {**whole, **{query: pooling_case(rng, layer, x, query) for query in ("last", "learned")}}


def transformer_fixture(rng):
    """An encoder layer, normalised first, over unequal sequences, padded and masked."""
    lengths, features, heads, hidden = [6, 3, 1], 6, 3, 10
    options = {"dropout": 0.0, "activation": "gelu", "batch_first": True, "norm_first": True}
    layer = nn.TransformerEncoderLayer(features, heads, hidden, **options).double()
    for parameter in layer.parameters():
        parameter.data = draw(rng, *parameter.shape)
    x = [draw(rng, length, features, scale=2.0).requires_grad_() for length in lengths]
    d_y = [draw(rng, length, features) for length in lengths]
    padded = pad_sequence(x, batch_first=True)
    padding = torch.arange(padded.shape[1]) >= torch.tensor(lengths)[:, None]
    output = layer(padded, src_key_padding_mask=padding)
    y = [output[b, :length] for b, length in enumerate(lengths)]
    sum((a * b).sum() for a, b in zip(y, d_y)).backward()
    names = {
        "attentionNorm.gamma": layer.norm1.weight,
        "attentionNorm.beta": layer.norm1.bias,
        "attention.weightQKV": layer.self_attn.in_proj_weight,
        "attention.biasQKV": layer.self_attn.in_proj_bias,
        "attention.weightOut": layer.self_attn.out_proj.weight,
        "attention.biasOut": layer.self_attn.out_proj.bias,
        "denseNorm.gamma": layer.norm2.weight,
        "denseNorm.beta": layer.norm2.bias,
        "hidden.weight": layer.linear1.weight,
        "hidden.bias": layer.linear1.bias,
        "out.weight": layer.linear2.weight,
        "out.bias": layer.linear2.bias,
    }
    gradient = {name: parameter.grad for name, parameter in names.items()}
    shared = {"heads": heads, "hidden": hidden, "x": x, "dY": d_y, "y": y, "parameters": names}
    return {**shared, "gradient": {"x": [sequence.grad for sequence in x], **gradient}}


def graph_fixture(rng):
    """Graph convolution over given edges; the last text has none."""
    lengths, features, units = [7, 4, 4, 1], 5, 6
    edges = [[[0, 1], [4, 1], [6, 3], [1, 4], [2, 6]], [[3, 0], [0, 3], [1, 0]], [], []]
    weight, bias = draw(rng, units, features).requires_grad_(), draw(rng, units).requires_grad_()
    x = [draw(rng, length, features, scale=2.0).requires_grad_() for length in lengths]
    d_y = [draw(rng, length, units) for length in lengths]

    def convolve(rows, pairs):
        adjacency = torch.eye(len(rows), dtype=torch.float64)
        for one, other in pairs:
            adjacency[one, other] = adjacency[other, one] = 1
        root = torch.diag(adjacency.sum(1) ** -0.5)
        return torch.tanh(root @ adjacency @ root @ rows @ weight.T + bias)

    y = [convolve(rows, pairs) for rows, pairs in zip(x, edges)]
    sum((a * b).sum() for a, b in zip(y, d_y)).backward()
    parameters = {"weight": weight, "bias": bias}
    gradient = {"x": [rows.grad for rows in x], "weight": weight.grad, "bias": bias.grad}
    return {"edges": edges, "x": x, "dY": d_y, "y": y, "parameters": parameters, "gradient": gradient}


class NAdam(torch.optim.Optimizer):
    """PyTorch 2's: that of 1.13 multiplies the product of momenta by the last of them twice."""

    def __init__(self, groups, lr, betas):
        super().__init__(groups, {"lr": lr, "betas": betas, "weight_decay": 0.0})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            momentum = lambda t: beta1 * (1 - 0.5 * 0.96 ** (t * 4e-3))
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state.update(t=0, product=1.0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                state["t"] += 1
                t, m, v = state["t"], state["m"], state["v"]
                state["product"] *= momentum(t)
                g = p.grad + group["weight_decay"] * p
                m.mul_(beta1).add_(g, alpha=1 - beta1)
                v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
                root = (v / (1 - beta2**t)).sqrt() + 1e-8
                p.sub_(group["lr"] * (1 - momentum(t)) / (1 - state["product"]) * g / root)
                next_product = state["product"] * momentum(t + 1)
                p.sub_(group["lr"] * momentum(t + 1) / (1 - next_product) * m / root)


class Adafactor(torch.optim.Optimizer):
    """Algorithms 4 and 5 of Shazeer & Stern 2018, the rate as in the Adafactor of PyTorch 2.5, which is not installed here."""

    def __init__(self, groups, lr, decay=0.8):
        super().__init__(groups, {"lr": lr, "decay": decay})

    @torch.no_grad()
    def step(self):
        rms = lambda x: x.square().mean().sqrt()
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state.update(t=0, v=torch.zeros_like(p), rows=torch.zeros_like(p.sum(-1)), columns=torch.zeros_like(p.sum(0)))
                state["t"] += 1
                t = state["t"]
                share, square = t ** -group["decay"], p.grad.square() + 1e-30
                if p.dim() == 1:
                    v = state["v"].lerp_(square, share)
                else:
                    rows, columns = state["rows"], state["columns"]
                    rows.lerp_(square.mean(1), share)
                    columns.lerp_(square.mean(0), share)
                    v = torch.outer(rows, columns) / rows.mean()
                u = p.grad / v.sqrt()
                alpha = max(1e-3, rms(p).item()) * min(group["lr"], t**-0.5)
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.sub_(alpha * u / max(1.0, rms(u).item()))


class Muon(torch.optim.Optimizer):
    """Jordan et al. 2024 with the scale of Liu et al. 2025, as the Muon of PyTorch 2.9 with adjust_lr_fn="match_rms_adamw", which is
    not installed here; vectors go by AdamW."""

    def __init__(self, groups, lr, momentum=0.95):
        super().__init__([group for group in groups if group["params"][0].dim() == 2], {"lr": lr, "momentum": momentum})
        rest = [group for group in groups if group["params"][0].dim() == 1]
        self.adam = torch.optim.AdamW(rest, lr=lr)

    @torch.no_grad()
    def step(self):
        self.adam.step()
        for group in self.param_groups:
            for p in group["params"]:
                buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
                buffer.lerp_(p.grad, 1 - group["momentum"])
                x = p.grad.lerp(buffer, group["momentum"])
                x = x / (x.norm() + 1e-7)
                for _ in range(5):
                    gram = x @ x.T
                    x = 3.4445 * x + (-4.775 * gram + 2.0315 * gram @ gram) @ x
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.sub_(group["lr"] * 0.2 * max(p.shape) ** 0.5 * x)


class ScheduleFreeAdamW(torch.optim.Optimizer):
    """Algorithm 1 of Defazio et al. 2024, which PyTorch does not have, but for where epsilon is added: as in PyTorch's AdamW.
    Parameters are y; what a model is given, x, is kept in the state."""

    def __init__(self, groups, lr, betas=(0.9, 0.999)):
        super().__init__(groups, {"lr": lr, "betas": betas})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state.update(t=0, weights=0.0, x=p.clone(), z=p.clone(), v=torch.zeros_like(p))
                state["t"] += 1
                state["weights"] += group["lr"] ** 2
                x, z, v = state["x"], state["z"], state["v"]
                v.mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
                root = (v / (1 - beta2 ** state["t"])).sqrt() + 1e-8
                z.sub_(group["lr"] * (p.grad / root + group["weight_decay"] * p))
                x.lerp_(z, group["lr"] ** 2 / state["weights"])
                p.copy_((1 - beta1) * z + beta1 * x)


def optimizer_fixture(rng):
    initial = [draw(rng, 3, 5), draw(rng, 7)]
    gradients = [[draw(rng, 3, 5), draw(rng, 7, scale=4.0)] for _ in range(STEPS)]
    optim = torch.optim
    # gatelet's name and options, PyTorch's class, and its options where they are called otherwise
    cases = [
        ("sgd", {"learningRate": 0.1, "momentum": 0.9, "l2": 0.125}, optim.SGD, {"momentum": 0.9}),
        ("sgd", {"learningRate": 0.1, "momentum": 0.75, "nesterov": True}, optim.SGD, {"momentum": 0.75, "nesterov": True}),
        ("adam", {"learningRate": 0.05, "beta1": 0.75, "beta2": 0.9, "l2": 0.125}, optim.Adam, {"betas": (0.75, 0.9)}),
        ("adamW", {"learningRate": 0.05, "weightDecay": 0.5}, optim.AdamW, {}),
        ("rmsprop", {"learningRate": 0.01, "l2": 0.125}, optim.RMSprop, {}),
        ("rmsprop", {"learningRate": 0.01, "alpha": 0.75, "momentum": 0.5}, optim.RMSprop, {"alpha": 0.75, "momentum": 0.5}),
        ("adagrad", {"learningRate": 0.1, "l2": 0.125}, optim.Adagrad, {}),
        ("adadelta", {"learningRate": 0.5, "rho": 0.75, "l2": 0.125}, optim.Adadelta, {"rho": 0.75}),
        ("nadam", {"learningRate": 0.05, "beta1": 0.75, "l2": 0.125}, NAdam, {"betas": (0.75, 0.999)}),
        ("adafactor", {"learningRate": 0.05, "weightDecay": 0.5}, Adafactor, {}),
        ("adafactor", {"learningRate": 0.5, "decay": 0.5}, Adafactor, {"decay": 0.5}),
        ("muon", {"learningRate": 0.05, "momentum": 0.75, "weightDecay": 0.5}, Muon, {"momentum": 0.75}),
        ("scheduleFreeAdamW", {"learningRate": 0.05, "beta1": 0.75, "weightDecay": 0.5}, ScheduleFreeAdamW, {"betas": (0.75, 0.999)}),
    ]

    def run(name, options, optimizer_of, own):
        matrix, vector = (value.clone().requires_grad_() for value in initial)
        decay = options.get("l2", options.get("weightDecay", 0.0))
        groups = [{"params": [matrix], "weight_decay": decay}, {"params": [vector], "weight_decay": 0.0}]
        optimizer = optimizer_of(groups, lr=options["learningRate"], **own)
        for step in gradients:
            matrix.grad, vector.grad = (gradient.clone() for gradient in step)
            optimizer.step()
        given = [optimizer.state[parameter].get("x", parameter) for parameter in (matrix, vector)]
        return {"name": name, "options": options, "matrix": matrix, "vector": vector, "given": given}

    def averages():
        # Behind the sixth step the loss has risen. ASGD's mean begins two steps behind t0, with the parameters of the sixth.
        worse = [[3.0, 2.0, 2.5]]
        sgd = {"learningRate": 0.1}
        decay = 0.75
        exponential, mean = [
            [value.clone().requires_grad_() for value in initial] for _ in range(2)
        ]
        plain = optim.SGD(exponential, lr=0.1)
        asgd = optim.ASGD(mean, lr=0.1, lambd=0, alpha=0, t0=4)
        pair = nn.ParameterList(exponential)
        debiased = lambda old, new, n: old + (1 - decay) / (1 - decay ** (n + 1)) * (new - old)
        averaged = torch.optim.swa_utils.AveragedModel(pair, avg_fn=debiased)
        for step in gradients:
            for parameters, optimizer in ((exponential, plain), (mean, asgd)):
                for parameter, gradient in zip(parameters, step):
                    parameter.grad = gradient.clone()
                optimizer.step()
            averaged.update_parameters(pair)
        ema = list(averaged.module)
        asgd_means = [asgd.state[parameter]["ax"] for parameter in mean]
        return [
            {"name": "exponentialAverage", "options": {"decay": decay}, "losses": [[]] * STEPS,
             "optimizer": sgd, "matrix": ema[0], "vector": ema[1]},
            {"name": "nonMonotoneAverage", "options": {"patience": 0}, "losses": [[3.0, 2.0]] * 6 + worse * 4,
             "optimizer": sgd, "matrix": asgd_means[0], "vector": asgd_means[1]},
        ]

    return {
        "matrix": initial[0],
        "vector": initial[1],
        "gradients": gradients,
        "runs": [run(*case) for case in cases],
        "averages": averages(),
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    write("lstm.json", lstm_fixture(random.Random(1)))
    write("classifier.json", classifier_fixture(random.Random(2)))
    write("cells.json", cells_fixture(random.Random(4)))
    write("loss.json", loss_fixture(random.Random(3)))
    write("norm.json", norm_fixture(random.Random(4)))
    write("attention.json", attention_fixture(random.Random(5)))
    write("transformer.json", transformer_fixture(random.Random(6)))
    write("graph.json", graph_fixture(random.Random(7)))
    write("optimizers.json", optimizer_fixture(random.Random(5)))
