package dev.windfall.vector;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The plan of the way back, made once: operations say in reverse order which gradients they read
 * and write. The first to write a tensor's gradient sets it, later ones add to it.
 */
final class BackwardPlan {

  private final List<Buffer> buffers = new ArrayList<>();
  private final IdentityHashMap<Tensor, Operation> lastWriters = new IdentityHashMap<>();
  private int time;

  /** Begins the plan of the operation that runs at this time. */
  void at(int now) {
    time = now;
  }

  /**
   * A place to write a gradient to.
   *
   * @param buffer where
   * @param add whether what is written is added to what is there
   */
  record Target(Buffer buffer, boolean add) {}

  /** A buffer of the way forward is read. */
  Buffer read(Buffer data) {
    data.use(time);
    return data;
  }

  /** The gradient of an operation's result, to which all its readers have contributed. */
  Buffer incoming(Tensor result) {
    return read(result.gradient());
  }

  /**
   * Where an operation writes the gradient of a tensor that it read.
   *
   * @param writer the operation
   */
  Target outgoing(Tensor source, Operation writer) {
    lastWriters.put(source, writer);
    return target(source);
  }

  /** Where the loss writes the gradient of the network's result. */
  Target ofLoss(Tensor logits) {
    return target(logits);
  }

  private Target target(Tensor source) {
    boolean add = source.hasGradient();
    Buffer buffer = add ? source.gradient() : source.newGradient();
    if (!add) {
      buffers.add(buffer);
    }
    return new Target(read(buffer), add);
  }

  /**
   * Makes a gradient that is complete the first contribution to a tensor's own, where it can be
   * used as it is; nothing is copied.
   *
   * @return whether it could
   */
  boolean share(Buffer complete, Tensor with) {
    boolean fits = with.takes(complete);
    if (fits) {
      with.shareGradient(complete);
    }
    return fits;
  }

  /** The operation that completes a tensor's gradient; null if it was shared from another. */
  @Nullable Operation lastWriter(Tensor result) {
    return lastWriters.get(result);
  }

  /** All gradients' buffers. */
  List<Buffer> buffers() {
    return buffers;
  }
}
