package dev.windfall.vector;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share the items of one task after another. Which thread runs which item is open, so
 * a task's result must not depend on it. The calling thread is worker 0 and works too.
 */
final class Crew implements AutoCloseable {

  /** A piece of work in numbered items. */
  @FunctionalInterface
  interface Task {
    /**
     * Runs one item.
     *
     * @param worker which thread runs it, from 0: for scratch memory of its own
     * @param item which item
     */
    void run(int worker, int item);
  }

  /** One who waits looks this often before it makes room: operations follow each other closely. */
  private static final int SPINS = 20_000;

  /** Nanoseconds that the caller makes room for, where a thread with an item does not get on. */
  private static final long NAP = 20_000;

  /**
   * A task and how far it is. Threads that come late find no item left, so that nobody waits for a
   * thread that does not run at all: where other programs need the processors, the rest goes on.
   */
  private static final class Job {
    final Task task;
    final int items;
    final AtomicInteger next = new AtomicInteger();
    final AtomicInteger unfinished;
    final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Job(Task task, int items) {
      this.task = task;
      this.items = items;
      unfinished = new AtomicInteger(items);
    }

    /** Runs items until none is left; after a failure, none is begun any more. */
    void drain(int worker) {
      for (int item = next.getAndIncrement(); item < items; item = next.getAndIncrement()) {
        try {
          if (failure.get() == null) {
            task.run(worker, item);
          }
        } catch (RuntimeException | Error e) {
          failure.compareAndSet(null, e);
        } finally {
          unfinished.decrementAndGet();
        }
      }
    }
  }

  private final Thread[] threads;
  private volatile @Nullable Job latest;
  private volatile boolean closed;

  /**
   * Starts the threads.
   *
   * @param workers at least 1; all but one of them are new threads
   */
  Crew(int workers) {
    threads = new Thread[workers - 1];
    for (int i = 0; i < threads.length; i++) {
      int worker = i + 1;
      threads[i] =
          Thread.ofPlatform().daemon().name("windfall-vector-" + worker).start(() -> work(worker));
    }
  }

  /** Workers, the caller included. */
  int size() {
    return threads.length + 1;
  }

  /** Runs all items and returns when they are done; what an item throws is thrown here. */
  void run(int count, Task work) {
    if (closed) {
      throw new IllegalStateException("the session is closed");
    }
    if (threads.length == 0 || count <= 1) {
      for (int item = 0; item < count; item++) {
        work.run(0, item);
      }
      return;
    }
    Job job = new Job(work, count);
    latest = job;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
    job.drain(0);
    for (int looks = 0; job.unfinished.get() > 0; looks++) {
      if (looks < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(this, NAP);
      }
    }
    Throwable thrown = job.failure.get();
    if (thrown != null) {
      throw new IllegalStateException("a computing thread failed: " + thrown, thrown);
    }
  }

  private void work(int worker) {
    @Nullable Job done = null;
    while (!closed) {
      Job job = awaitOtherThan(done);
      if (job != null) {
        job.drain(worker);
      }
      done = job;
    }
  }

  private @Nullable Job awaitOtherThan(@Nullable Job done) {
    for (int looks = 0; latest == done && !closed; looks++) {
      if (looks < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
    return latest;
  }

  /** Ends the threads. */
  @Override
  public void close() {
    closed = true;
    latest = null;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
