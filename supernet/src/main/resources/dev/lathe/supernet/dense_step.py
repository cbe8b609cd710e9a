"""Training steps of networks in plain PyTorch, timed on request.

The first line of standard input describes the networks; the answer is "ready PARAMETERS VERSION THREADS". Each further line "step" trains every
network for one step on one batch; the answer is the milliseconds of all of them together.
"""
import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

ACTIVATIONS = {
    "RELU": F.relu,
    "GELU": F.gelu,
    "HARD_SWISH": F.hardswish,
    "RELU6": F.relu6,
    "SWISH": F.silu,
    "HARD_SIGMOID": F.hardsigmoid,
    "SIGMOID": torch.sigmoid,
}


class Network(nn.Module):
    """A graph's operators one after another, each as torch has it."""

    def __init__(self, nodes, tensors, output):
        super().__init__()
        self.values = tensors
        self.result = output
        self.steps = []
        self.layers = nn.ModuleList()
        self.tables = nn.ParameterList()
        skipped = set()
        for i, node in enumerate(nodes):
            if i in skipped:
                continue
            attention = self.attention(nodes, i)
            if attention is not None:
                product, inputs, scale = attention
                skipped.update((i + 1, i + 2))
                self.steps.append((self.attend(scale), inputs, product))
            else:
                self.steps.append((self.operator(node), node["inputs"], node["output"]))

    @staticmethod
    def attention(nodes, i):
        """Scores, softmax and weighted values in a row are torch's fused attention."""
        if i + 2 >= len(nodes):
            return None
        scores, softmax, product = nodes[i : i + 3]
        if [n["type"] for n in (scores, softmax, product)] != ["MatMul", "Softmax", "MatMul"]:
            return None
        chained = softmax["inputs"] == [scores["output"]] and product["inputs"][0] == softmax["output"]
        used = sum((scores["output"] in n["inputs"]) + (softmax["output"] in n["inputs"]) for n in nodes)
        if not (chained and used == 2 and scores["transposeRight"] and not product["transposeRight"] and product["scale"] == 1):
            return None
        return product["output"], scores["inputs"] + [product["inputs"][1]], scores["scale"]

    @staticmethod
    def attend(scale):
        return lambda q, k, v: F.scaled_dot_product_attention(q, k, v, scale=scale)

    def layer(self, module):
        self.layers.append(module)
        return module

    def table(self, shape):
        self.tables.append(nn.Parameter(torch.randn(shape) * 0.02))
        return self.tables[-1]

    def operator(self, node):
        kind = node["type"]
        if kind == "Conv2d":
            outputs, inputs, height, width = node["weight"]
            return self.layer(
                nn.Conv2d(
                    inputs * node["groups"],
                    outputs,
                    (height, width),
                    node["stride"],
                    node["padding"],
                    groups=node["groups"],
                    bias=node["bias"],
                )
            )
        if kind == "Linear":
            outputs, inputs = node["weight"]
            return self.layer(nn.Linear(inputs, outputs, bias=node["bias"]))
        if kind == "BatchNorm":
            return self.layer(nn.BatchNorm2d(node["channels"], eps=node["epsilon"]))
        if kind == "LayerNorm":
            return self.layer(nn.LayerNorm(node["channels"], eps=node["epsilon"]))
        if kind == "Activate":
            return ACTIVATIONS[node["function"]]
        if kind == "Add":
            return torch.add
        if kind == "AddTable":
            table = self.table(node["shape"])
            return lambda x: x + table
        if kind == "Gate":
            return torch.mul
        if kind == "MatMul":
            scale, right = node["scale"], node["transposeRight"]
            return lambda a, b: torch.matmul(a * scale, b.transpose(-2, -1) if right else b)
        if kind == "Softmax":
            return lambda x: F.softmax(x, -1)
        if kind == "Reshape":
            return lambda x: x.reshape(-1, *node["shape"])
        if kind == "Transpose":
            order = [0] + [a + 1 for a in node["order"]]
            return lambda x: x.permute(order)
        if kind == "GlobalAveragePool":
            return lambda x: x.mean((2, 3))
        if kind == "MeanTokens":
            return lambda x: x.mean(1)
        raise SystemExit("no PyTorch layer for operator " + kind)

    def forward(self, x):
        values = [None] * self.values
        values[0] = x
        for step, inputs, output in self.steps:
            values[output] = step(*(values[i] for i in inputs))
        return values[self.result]


def main():
    d = json.loads(sys.stdin.readline())
    torch.set_num_threads(d["threads"])
    torch.manual_seed(1)
    x = torch.randn(d["batch"], *d["input"])
    labels = torch.randint(d["classes"], (d["batch"],))
    networks = [Network(n["nodes"], n["tensors"], n["output"]) for n in d["networks"]]
    optimizers = [torch.optim.AdamW(n.parameters(), lr=1e-3, weight_decay=0.01, fused=True) for n in networks]
    print("ready", sum(p.numel() for n in networks for p in n.parameters()), torch.__version__, torch.get_num_threads(), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        for network, optimizer in zip(networks, optimizers):
            optimizer.zero_grad()
            loss = F.cross_entropy(network(x), labels, label_smoothing=d["labelSmoothing"])
            loss.backward()
            if d["clip"] > 0:
                nn.utils.clip_grad_norm_(network.parameters(), d["clip"])
            optimizer.step()
            loss.item()
        print((time.perf_counter() - start) * 1e3, flush=True)


main()
