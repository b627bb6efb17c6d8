package dev.windfall.training;

/**
 * Ends a training whose loss, or gradient where it is clipped, is no number any more, or whose
 * connections would be chosen by scores that are none.
 */
public final class NonFiniteLossException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  NonFiniteLossException(String message) {
    super(message);
  }
}
