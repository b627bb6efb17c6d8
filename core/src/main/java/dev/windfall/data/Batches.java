package dev.windfall.data;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * One pass over an epoch, or the rest of one. A background thread prepares batches ahead, in a few
 * arrays that are used again and again; what it prepares does not depend on its pace. For one
 * consumer at a time. The thread ends with the last batch, with an error or with {@link #close}.
 */
public final class Batches implements AutoCloseable {
  /** One batch in use and two prepared ahead. */
  private static final int BUFFERS = 3;

  private sealed interface Prepared {}

  private record Ready(ImageBatch batch) implements Prepared {}

  private record Failed(DatasetException failure) implements Prepared {}

  private final DataLoader.Pass pass;
  private final int end;
  private final BlockingQueue<ImageBatch> free = new ArrayBlockingQueue<>(BUFFERS);
  private final BlockingQueue<Prepared> prepared = new ArrayBlockingQueue<>(BUFFERS + 1);
  private final Thread thread;

  private int next;
  private @Nullable ImageBatch inUse;
  private @Nullable DatasetException failure;
  private volatile boolean closed;

  Batches(DataLoader.Pass pass, int first, int end) {
    this.pass = pass;
    this.next = first;
    this.end = end;
    for (int i = 0; i < Math.min(BUFFERS, end - first); i++) {
      free.add(pass.allocate());
    }
    this.thread = Thread.ofPlatform().daemon().name("windfall-batches").unstarted(() -> run(first));
    thread.start();
  }

  /**
   * The next batch, waiting for it if need be. Its arrays are valid until the next call.
   *
   * @return the batch, or null after the epoch's last
   * @throws DatasetException if an image could not be read or prepared
   * @throws CancellationException if this thread is interrupted while it waits; the interrupt stays
   *     set
   * @throws IllegalStateException after {@link #close}
   */
  public @Nullable ImageBatch next() {
    if (closed) {
      throw new IllegalStateException("these batches are closed");
    }
    if (failure != null) {
      throw failure;
    }
    if (inUse != null) {
      free.add(inUse);
      inUse = null;
    }
    if (next == end) {
      return null;
    }
    switch (take()) {
      case Ready(ImageBatch batch) -> {
        next++;
        inUse = batch;
        return batch;
      }
      case Failed(DatasetException thrown) -> {
        failure = thrown;
        throw thrown;
      }
    }
  }

  private Prepared take() {
    try {
      return prepared.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for a batch");
    }
  }

  /**
   * The background thread. The queue of prepared batches has room for all, so adding never waits.
   */
  private void run(int first) {
    for (int batch = first; batch < end && !closed; batch++) {
      try {
        prepared.add(new Ready(pass.make(batch, free.take())));
      } catch (InterruptedException e) {
        return; // Only close interrupts this thread.
      } catch (
          Throwable e) { // Whatever it is, the consumer must hear of it or would wait for ever.
        prepared.add(
            new Failed(
                new DatasetException(
                    "batch %d of epoch %d: %s"
                        .formatted(
                            batch, pass.epoch(), e.getMessage() == null ? e : e.getMessage()),
                    e)));
        return;
      }
    }
  }

  /** Ends the background thread and waits until it has ended. May be called again. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
