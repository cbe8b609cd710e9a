# Lathe's measuring program: runs on the device, takes requests on standard input, a line each, and answers by a line each.
#   load NUMBER THREADS BATCH OPTIMIZED BYTES, then the model   ->  ok | refused REASON
#   time NUMBER WARM_UP REPETITIONS MICROSECONDS                ->  times NANOSECONDS ...   (an invocation, of each timed run)
#   drop NUMBER                                                 ->  ok
import sys, time


def answer(text):
    sys.stdout.write(" ".join(text.split("\n")) + "\n")
    sys.stdout.flush()


def main():
    try:
        import numpy
        import onnxruntime
    except ImportError as e:
        sys.stderr.write("%s: python3 -m pip install onnxruntime on the device\n" % e)
        sys.exit(3)
    onnxruntime.set_default_logger_severity(4)
    answer("lathe-measure 1 onnxruntime %s" % onnxruntime.__version__)
    requests = sys.stdin.buffer
    loaded = {}
    random = numpy.random.default_rng(1)

    def load(threads, batch, optimized, model):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        level = onnxruntime.GraphOptimizationLevel
        options.graph_optimization_level = level.ORT_ENABLE_ALL if optimized else level.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        feeds = {}
        for i in session.get_inputs():
            shape = [batch] + i.shape[1:]
            kind = numpy.int64 if "int64" in i.type else numpy.float32
            feeds[i.name] = (random.random(shape) if kind is numpy.float32 else numpy.zeros(shape)).astype(kind)
        return {"run": lambda: session.run(None, feeds), "invocations": 0}

    def elapsed(run, times):
        start = time.perf_counter_ns()
        for _ in range(times):
            run()
        return time.perf_counter_ns() - start

    def measure(network, warm_up, repetitions, micros):
        run = network["run"]
        if network["invocations"] == 0:
            elapsed(run, (warm_up + 1) // 2)
            rest = max(1, warm_up - (warm_up + 1) // 2)
            each = max(1, elapsed(run, rest) // rest)
            network["invocations"] = max(1, -(-micros * 1000 // each))
        else:
            elapsed(run, warm_up)
        n = network["invocations"]
        return [elapsed(run, n) / n for _ in range(repetitions)]

    while True:
        words = requests.readline().split()
        if not words:
            return
        if words[0] == b"load":
            number, threads, batch, optimized, length = (int(w) for w in words[1:6])
            model = requests.read(length)
            try:
                loaded[number] = load(threads, batch, optimized, model)
                answer("ok")
            except Exception as e:
                answer("refused " + str(e))
        elif words[0] == b"time":
            number, warm_up, repetitions, micros = (int(w) for w in words[1:5])
            answer("times " + " ".join(repr(t) for t in measure(loaded[number], warm_up, repetitions, micros)))
        elif words[0] == b"drop":
            loaded.pop(int(words[1]), None)
            answer("ok")
        else:
            answer("unknown request")


main()
