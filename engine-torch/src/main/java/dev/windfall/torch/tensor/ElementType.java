package dev.windfall.torch.tensor;

/** The type of a tensor's elements. */
public enum ElementType {
  /** Single-precision floating point. */
  FLOAT32(4),
  /** Double-precision floating point. */
  FLOAT64(8),
  /** 32-bit integers whose sums and products wrap around. */
  INT32(4),
  /** 64-bit integers, for positions. */
  INT64(8);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
