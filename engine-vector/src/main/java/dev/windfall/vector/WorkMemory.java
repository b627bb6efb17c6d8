package dev.windfall.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Zeroed memory for activations, outside of the Java heap and aligned to large pages. Linux is
 * asked for pages of 2 MiB before the memory is first touched, which is when it decides; that saves
 * most translations of addresses. Elsewhere it is memory as Java gives it.
 */
final class WorkMemory {

  private static final long LARGE_PAGE = 1L << 21;

  // Constants of Linux' mmap(2) and madvise(2), the same on all processors.
  private static final int READ_AND_WRITE = 3;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final int HUGE_PAGE = 14;

  private WorkMemory() {}

  /**
   * Takes memory that is given back when the arena is closed.
   *
   * @throws OutOfMemoryError with the number of bytes where there is not so much
   */
  static MemorySegment allocate(Arena arena, long bytes) {
    Optional<Library> library = Library.get();
    if (library.isEmpty()) {
      return arena.allocate(bytes, LARGE_PAGE);
    }
    return library.get().map(arena, bytes);
  }

  /** Three functions of the C library. */
  private record Library(MethodHandle map, MethodHandle advise, MethodHandle unmap) {

    private static final MemoryLayout SIZE = ValueLayout.JAVA_LONG;
    private static final MemoryLayout INT = ValueLayout.JAVA_INT;
    private static final MemoryLayout ADDRESS = ValueLayout.ADDRESS;

    static Optional<Library> get() {
      if (!System.getProperty("os.name").equals("Linux")) {
        return Optional.empty();
      }
      return function("mmap", ADDRESS, ADDRESS, SIZE, INT, INT, INT, SIZE)
          .flatMap(
              map ->
                  function("madvise", INT, ADDRESS, SIZE, INT)
                      .flatMap(
                          advise ->
                              function("munmap", INT, ADDRESS, SIZE)
                                  .map(unmap -> new Library(map, advise, unmap))));
    }

    @SuppressWarnings("restricted")
    private static Optional<MethodHandle> function(
        String name, MemoryLayout result, MemoryLayout... arguments) {
      Linker linker = Linker.nativeLinker();
      return linker
          .defaultLookup()
          .find(name)
          .map(address -> linker.downcallHandle(address, FunctionDescriptor.of(result, arguments)));
    }

    @SuppressWarnings("restricted")
    MemorySegment map(Arena arena, long bytes) {
      long size = bytes + LARGE_PAGE;
      try {
        MemorySegment whole =
            (MemorySegment)
                map.invokeExact(
                    MemorySegment.NULL, size, READ_AND_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
        if (whole.address() == -1) {
          throw new OutOfMemoryError("no %d bytes of memory for activations".formatted(bytes));
        }
        MemorySegment owned = whole.reinterpret(size, arena, this::giveBack);
        long start = Math.ceilDiv(whole.address(), LARGE_PAGE) * LARGE_PAGE - whole.address();
        MemorySegment aligned = owned.asSlice(start, bytes);
        // Advice only: where it is refused, pages are small.
        int ignored = (int) advise.invokeExact(aligned, bytes, HUGE_PAGE);
        return aligned;
      } catch (Error | RuntimeException e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("mmap", e);
      }
    }

    private void giveBack(MemorySegment whole) {
      try {
        int ignored = (int) unmap.invokeExact(whole, whole.byteSize());
      } catch (Throwable e) {
        throw new IllegalStateException("munmap", e);
      }
    }
  }
}
