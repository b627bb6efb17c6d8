package dev.windfall.training;

import java.nio.ByteBuffer;
import java.util.List;

/** A tensor of a safetensors file: its extents and its values in row-major order. */
sealed interface StoredTensor {

  /** Extents; their product is the number of values. */
  List<Long> shape();

  /** The values' type, as the format names it. */
  Type type();

  /** Puts {@code count} values from index {@code from} on into a little-endian buffer. */
  void put(ByteBuffer buffer, int from, int count);

  /** Number of values. */
  int length();

  /** The types that checkpoints use, widest first. */
  enum Type {
    /** 64-bit integers. */
    I64(Long.BYTES),
    /** 32-bit floats. */
    F32(Float.BYTES),
    /** 32-bit integers. */
    I32(Integer.BYTES);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of one value. */
    int bytes() {
      return bytes;
    }
  }

  /** 32-bit floats. */
  record Floats(List<Long> shape, float[] values) implements StoredTensor {
    @Override
    public Type type() {
      return Type.F32;
    }

    @Override
    public void put(ByteBuffer buffer, int from, int count) {
      buffer.asFloatBuffer().put(values, from, count);
    }

    @Override
    public int length() {
      return values.length;
    }
  }

  /** 32-bit integers. */
  record Ints(List<Long> shape, int[] values) implements StoredTensor {
    @Override
    public Type type() {
      return Type.I32;
    }

    @Override
    public void put(ByteBuffer buffer, int from, int count) {
      buffer.asIntBuffer().put(values, from, count);
    }

    @Override
    public int length() {
      return values.length;
    }
  }

  /** 64-bit integers. */
  record Longs(List<Long> shape, long[] values) implements StoredTensor {
    @Override
    public Type type() {
      return Type.I64;
    }

    @Override
    public void put(ByteBuffer buffer, int from, int count) {
      buffer.asLongBuffer().put(values, from, count);
    }

    @Override
    public int length() {
      return values.length;
    }
  }
}
