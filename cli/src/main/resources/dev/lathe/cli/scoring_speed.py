# Fits scikit-learn's models to what it is given on standard input, and times their predictions, one line a request.
#
# First line: JSON with the numbers of training rows, features, decisions as one-hot columns, and queries. Then the values as
# little-endian doubles: training features, training targets, training one-hot, query features, query one-hot. Then lines with
# the name of a model; each is answered by a line with the processor time of one batch in seconds, the median of several.
import json
import statistics
import sys
import time

try:
    import numpy as np
    import sklearn
    from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor, VotingRegressor
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, WhiteKernel
    from sklearn.linear_model import Ridge
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
except ImportError as e:
    print("missing", e, flush=True)
    sys.exit(0)

REPETITIONS = 5

source = sys.stdin.buffer
sizes = json.loads(source.readline())


def matrix(rows, columns):
    return np.frombuffer(source.read(8 * rows * columns), dtype="<f8").reshape(rows, columns).copy()


train = matrix(sizes["rows"], sizes["features"])
targets = matrix(sizes["rows"], 1).ravel()
train_hot = matrix(sizes["rows"], sizes["oneHot"])
queries = matrix(sizes["queries"], sizes["features"])
queries_hot = matrix(sizes["queries"], sizes["oneHot"])


def gbm():
    return GradientBoostingRegressor(n_estimators=sizes["trees"], max_depth=sizes["depth"], subsample=0.8, random_state=1)


def forest():
    return RandomForestRegressor(n_estimators=sizes["trees"], max_features=1 / 3, random_state=1, n_jobs=1)


def ridge():
    return make_pipeline(StandardScaler(), Ridge(alpha=1.0))


def dense():
    return make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(32, 32), max_iter=100, random_state=1))


MODELS = {
    "gbm": gbm,
    "random-forest": forest,
    "glm": lambda: Ridge(alpha=1.0),
    "deep-learning": dense,
    "stacked": lambda: VotingRegressor([("a", gbm()), ("b", forest()), ("c", ridge()), ("d", dense())]),
    "transfer": lambda: GaussianProcessRegressor(RBF(4.0) + RBF(1.0) + WhiteKernel(0.01), optimizer=None, normalize_y=True),
}
fitted = {}


def timed(model, asked):
    seconds = []
    for _ in range(REPETITIONS):
        start = time.process_time()
        model.predict(asked)
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


print("scikit-learn", sklearn.__version__, flush=True)

for line in iter(source.readline, b""):
    name = line.decode().strip()
    hot = name == "transfer"
    if name not in fitted:
        import warnings

        warnings.simplefilter("ignore")
        # In single or in double precision, whichever is faster.
        tried = []
        for kind in (np.float32, np.float64):
            asked = (queries_hot if hot else queries).astype(kind)
            model = MODELS[name]().fit((train_hot if hot else train).astype(kind), targets.astype(kind))
            model.predict(asked)
            tried.append((timed(model, asked), len(tried), model, asked))
        fitted[name] = min(tried)[2:]
    print(timed(*fitted[name]), flush=True)
