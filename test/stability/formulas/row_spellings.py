# SPDX-License-Identifier: Apache-2.0
"""How formulas of rows are written. {axis} is the row's axis; {back} the index that restores it."""

from .spell import X, Either, Leaf, Op, add, call, div, exp, log, mul, neg, sqrt, square, sub

INDEX, TARGETS = Leaf("{i}"), Leaf("{t}")


def reduced(name, a):
    return Op([f"{name}(&0, axis={{axis}})", f"$0.{name}({{axis}})", f"{name}(&0, {{axis}})"], a)


def kept(name, a):
    """With the axis restored: by keepdims or by an index."""
    return Op([f"{name}(&0, axis={{axis}}, keepdims=true)", f"$0.{name}(axis={{axis}}){{back}}"], a)


def built_in(name, a):
    return Op([f"{name}(&0, axis={{axis}})", f"$0.{name}(axis={{axis}})"], a)


SUM = reduced("sum", exp(X))
SOFTMAX = Either(built_in("softmax", X), div(exp(X), kept("sum", exp(X))))
TOP = kept("max", X)
SHIFTED = div(exp(sub(X, TOP)), kept("sum", exp(sub(X, TOP))))
LOG_SOFTMAX = Either(log(SOFTMAX), built_in("log_softmax", X), sub(X, log(kept("sum", exp(X)))),
                     sub(X, kept("logsumexp", X)))
ONE_HOT = Op(["one_hot(&0, &1.shape[1], dtype={x}.dtype)"], INDEX, X)


def at_index(a):
    return Op("$0[arange(R), &1]", a, INDEX)


TREES = {
    "logsumexp": Either(log(SUM), built_in("logsumexp", X), neg(log(Op("1 / $0", SUM)))),
    "log_mean_exp": Either(log(reduced("mean", exp(X))), sub(built_in("logsumexp", X), log("!C.0")),
                           log(div(SUM, "!C")), log(mul(Op("1 / !C.0"), SUM))),
    "log_sum_two_exp": Either(log(reduced("sum", mul(2, exp(X)))), log(mul(2, SUM)),
                              log(reduced("sum", add(exp(X), exp(X))))),
    "softmax": Either(SOFTMAX, mul(exp(X), Op("1 / $0", kept("sum", exp(X)))),
                      exp(built_in("log_softmax", X)), exp(sub(X, kept("logsumexp", X)))),
    "softmax_by_hand": SHIFTED,
    "log_softmax": LOG_SOFTMAX,
    "cross_entropy_by_index": Either(at_index(neg(log(SOFTMAX))), neg(at_index(LOG_SOFTMAX)),
                                     neg(log(at_index(SOFTMAX))), sub(built_in("logsumexp", X), at_index(X))),
    "cross_entropy_by_one_hot": Either(neg(reduced("sum", mul(ONE_HOT, LOG_SOFTMAX))),
                                       reduced("sum", mul(ONE_HOT, neg(LOG_SOFTMAX)))),
    "cross_entropy_by_one_hot_in_log": neg(log(reduced("sum", mul(ONE_HOT, SOFTMAX)))),
    "cross_entropy_by_targets": Either(neg(reduced("sum", mul(TARGETS, LOG_SOFTMAX))),
                                       reduced("sum", mul(neg(TARGETS), LOG_SOFTMAX))),
    "norm": Either(sqrt(reduced("sum", square(X))), built_in("norm", X)),
    "variance": Either(reduced("mean", square(sub(X, kept("mean", X)))), built_in("var", X),
                       sub(reduced("mean", square(X)), square(reduced("mean", X))),
                       div(reduced("sum", square(sub(X, kept("mean", X)))), "!C")),
    "product": reduced("prod", X),
    "largest": Either(reduced("max", X), neg(reduced("min", Op("-$0", X)))),
    "smallest": Either(reduced("min", X), neg(reduced("max", Op("-$0", X)))),
    "log_product": Either(log(reduced("prod", X)), reduced("sum", log(X))),
    "log_product_of_squares": Either(log(reduced("prod", square(X))), reduced("sum", log(square(X))),
                                     log(square(reduced("prod", X)))),
}
