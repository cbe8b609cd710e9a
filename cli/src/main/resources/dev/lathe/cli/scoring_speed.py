# Fits scikit-learn's models to what it is given on standard input, and times their predictions, one line a request.
#
# First line: JSON with the numbers of training rows, decisions, features and queries. Then the values as little-endian doubles:
# training choices, training features, training targets, query choices, query features. Then lines with "choices" or "features"
# and the name of a model, for a stack "stacked=" and the names of its parts; each is answered by a line with the processor time
# of one batch in seconds, the median of several.
#
# Each model is tried in every form that scikit-learn's users would try, and the fastest is timed: single or double precision,
# choices as numbers or as OneHotEncoder's columns, dense or sparse.
import json
import statistics
import sys
import time

try:
    import warnings

    import numpy as np
    import sklearn
    from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor, VotingRegressor
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, WhiteKernel
    from sklearn.linear_model import Ridge
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
except ImportError as e:
    print("missing", e, flush=True)
    sys.exit(0)

REPETITIONS = 5
warnings.simplefilter("ignore")

source = sys.stdin.buffer
sizes = json.loads(source.readline())


def matrix(rows, columns):
    return np.frombuffer(source.read(8 * rows * columns), dtype="<f8").reshape(rows, columns).copy()


train_choices = matrix(sizes["rows"], sizes["decisions"])
train = matrix(sizes["rows"], sizes["features"])
targets = matrix(sizes["rows"], 1).ravel()
query_choices = matrix(sizes["queries"], sizes["decisions"])
queries = matrix(sizes["queries"], sizes["features"])


def gbm():
    return GradientBoostingRegressor(n_estimators=sizes["trees"], max_depth=sizes["depth"], subsample=0.8, random_state=1)


def forest():
    return RandomForestRegressor(n_estimators=sizes["trees"], max_features=1 / 3, random_state=1, n_jobs=1)


def ridge():
    return Ridge(alpha=1.0)


def dense():
    return MLPRegressor(hidden_layer_sizes=(64,), max_iter=100, random_state=1)


def process():
    return GaussianProcessRegressor(RBF(4.0) + RBF(1.0) + WhiteKernel(0.01), optimizer=None, normalize_y=True)


MODELS = {"gbm": gbm, "random-forest": forest, "glm": ridge, "deep-learning": dense, "transfer": process}
# What reads numbers as they are; the others want their columns made or scaled.
TREES = {"gbm", "random-forest"}


def encoders():
    # The parameter had another name in older releases.
    for sparse in (False, True):
        for kind in (np.float32, np.float64):
            try:
                yield OneHotEncoder(sparse_output=sparse, dtype=kind)
            except TypeError:
                yield OneHotEncoder(sparse=sparse, dtype=kind)


def forms(given, name):
    """Pairs of an unfitted model and the kind of numbers it is given."""
    model = MODELS[name]
    if given == "features":
        for kind in (np.float32, np.float64):
            yield make_pipeline(StandardScaler(), model()) if name == "deep-learning" else model(), kind
        return
    if name in TREES:
        yield model(), np.float32
    for encoder in encoders():
        if not (name == "transfer" and getattr(encoder, "sparse_output", getattr(encoder, "sparse", False))):
            yield make_pipeline(encoder, model()), np.int64


def timed(model, asked):
    seconds = []
    for _ in range(REPETITIONS):
        start = time.process_time()
        model.predict(asked)
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def fit(model, kind, given):
    rows, asked = (train_choices, query_choices) if given == "choices" else (train, queries)
    model.fit(rows.astype(kind), targets)
    asked = asked.astype(kind)
    model.predict(asked)
    return model, asked


fastest = {}


def choose(given, name):
    if (given, name) not in fastest:
        tried = []
        for model, kind in forms(given, name):
            model, asked = fit(model, kind, given)
            tried.append((timed(model, asked), len(tried), model, kind, asked))
        fastest[given, name] = min(tried)[2:]
    return fastest[given, name]


def stacked(given, names):
    # The parts as they are fastest alone; all are given the same numbers.
    parts = [(name, sklearn.base.clone(choose(given, name)[0])) for name in names]
    kind = np.int64 if given == "choices" else choose(given, names[0])[1]
    return fit(VotingRegressor(parts), kind, given)


print("scikit-learn", sklearn.__version__, flush=True)

fitted = {}
for line in iter(source.readline, b""):
    given, name = line.decode().split()
    if (given, name) not in fitted:
        if name.startswith("stacked="):
            fitted[given, name] = stacked(given, name.partition("=")[2].split(","))
        else:
            model, _, asked = choose(given, name)
            fitted[given, name] = model, asked
    print(timed(*fitted[given, name]), flush=True)
