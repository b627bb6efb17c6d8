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

  /** A waiting worker looks this often before it sleeps: operations follow each other closely. */
  private static final int SPINS = 20_000;

  private final Thread[] threads;
  private final AtomicInteger nextItem = new AtomicInteger();
  private final AtomicInteger busy = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private int items;
  private @Nullable Task task;
  private final AtomicInteger generation = new AtomicInteger();
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
    items = count;
    task = work;
    nextItem.setPlain(0);
    busy.setPlain(threads.length);
    generation.getAndIncrement(); // publishes the plain writes above
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
    drain(0, work);
    while (busy.get() > 0) {
      Thread.onSpinWait();
    }
    task = null;
    Throwable thrown = failure.getAndSet(null);
    if (thrown != null) {
      throw new IllegalStateException("a computing thread failed: " + thrown, thrown);
    }
  }

  private void drain(int worker, Task work) {
    try {
      for (int item = nextItem.getAndIncrement(); item < items; item = nextItem.getAndIncrement()) {
        work.run(worker, item);
      }
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
      nextItem.set(items);
    }
  }

  private void work(int worker) {
    int seen = 0;
    while (true) {
      seen = awaitGenerationAfter(seen);
      if (closed) {
        return;
      }
      Task work = task;
      if (work != null) {
        drain(worker, work);
      }
      busy.decrementAndGet();
    }
  }

  private int awaitGenerationAfter(int seen) {
    int spins = 0;
    while (generation.get() == seen) {
      if (spins < SPINS) {
        spins++;
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
    return generation.get();
  }

  /** Ends the threads. */
  @Override
  public void close() {
    closed = true;
    generation.getAndIncrement();
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
