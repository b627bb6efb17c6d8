package dev.windfall.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C while something runs that can end in good order: the JVM's end waits until it has. Where
 * nothing of the kind runs, the JVM ends at once.
 */
final class Interruption {

  /** A step of a huge network, or an evaluation, may take this long. */
  private static final long PATIENCE_SECONDS = 120;

  private final CountDownLatch isOver = new CountDownLatch(1);
  private final PrintWriter messages;
  private volatile boolean isOrderly;
  private volatile boolean isRequested;

  private Interruption(PrintWriter messages) {
    this.messages = messages;
  }

  /** One that never comes. */
  static Interruption never() {
    return by(new PrintWriter(Writer.nullWriter()));
  }

  /** One that comes when somebody calls {@link #waitForOrderlyEnd}. */
  static Interruption by(PrintWriter messages) {
    return new Interruption(messages);
  }

  /** Listens for Ctrl-C from now on. */
  static Interruption listen(PrintWriter messages) {
    Interruption interruption = by(messages);
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().unstarted(interruption::waitForOrderlyEnd));
    return interruption;
  }

  /** Says that what runs now asks {@link #isRequested} often and then ends in good order. */
  void expectOrderlyEnd() {
    isOrderly = true;
  }

  /** Whether somebody asked for the end. */
  boolean isRequested() {
    return isRequested;
  }

  /** Says that everything is written and told. */
  void over() {
    isOver.countDown();
  }

  /** Asks for the end, and waits for it where it has to be orderly. */
  void waitForOrderlyEnd() {
    isRequested = true;
    if (!isOrderly || isOver.getCount() == 0) {
      return;
    }
    messages.println();
    messages.println("stopping after this step ...");
    messages.flush();
    try {
      if (!isOver.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        messages.printf("gave up waiting after %d seconds%n", PATIENCE_SECONDS);
        messages.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
