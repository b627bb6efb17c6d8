package dev.windfall.vector;

/** A step of a network's computation on the session's memory. */
interface Operation {

  /** Says which buffers {@link #forward} uses at a time. */
  void planForward(int time);

  /** Says which buffers {@link #backward} uses, and asks for the gradients that it writes. */
  void planBackward(BackwardPlan plan);

  /** Computes the results for the batch. */
  void forward(Pass pass);

  /** Computes gradients of what the operation read and of what it owns. */
  void backward(Pass pass);

  /** What kind of work {@link #forward} is, for the table of times. */
  String kind();

  /** The convolution or linear layer that {@link #forward} computes, if it is one. */
  default String layer() {
    return Stopwatch.NO_LAYER;
  }

  /** What kind of work {@link #backward} is. */
  String backwardKind();
}
