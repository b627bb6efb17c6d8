package dev.windfall.vector;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places buffers in one memory: in the order of their first use, each takes the place of a buffer
 * of the same kind that is no longer used, or a new one.
 */
final class MemoryPlan {

  private static final int CACHE_LINE = 64;

  private final int samples;
  private long bytes;

  MemoryPlan(int samples) {
    this.samples = samples;
  }

  /** Takes room that is never shared; returns its offset. */
  long reserve(long size) {
    long offset = bytes;
    bytes += Math.ceilDiv(size, CACHE_LINE) * CACHE_LINE;
    return offset;
  }

  /** Places all buffers; their uses are complete. */
  void place(List<Buffer> buffers) {
    List<Buffer> byFirstUse = new ArrayList<>(buffers);
    byFirstUse.removeIf(buffer -> buffer.lastUse() < 0);
    byFirstUse.sort(Comparator.comparingInt(Buffer::firstUse));
    List<Place> places = new ArrayList<>();
    for (Buffer buffer : byFirstUse) {
      Place place =
          places.stream()
              .filter(candidate -> candidate.isFreeFor(buffer))
              .findFirst()
              .orElseGet(
                  () -> {
                    Place fresh = new Place(reserve(buffer.geometry().bytes(samples)));
                    places.add(fresh);
                    return fresh;
                  });
      place.give(buffer);
    }
  }

  /** Bytes that everything together needs. */
  long bytes() {
    return bytes;
  }

  /** A piece of memory and the buffers that have had it. */
  private static final class Place {
    private final long offset;
    private final List<Buffer> tenants = new ArrayList<>();

    Place(long offset) {
      this.offset = offset;
    }

    boolean isFreeFor(Buffer buffer) {
      return tenants.getLast().lastUse() < buffer.firstUse() && tenants.getLast().isLike(buffer);
    }

    void give(Buffer buffer) {
      tenants.add(buffer);
      buffer.place(offset);
    }
  }
}
