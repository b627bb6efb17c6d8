package dev.windfall.vector;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Asks Linux for large pages (2 MiB) under the activations, which saves translations of addresses.
 * Where the system does not offer it, nothing happens.
 */
final class LargePages {

  /** The advice MADV_HUGEPAGE of Linux' madvise(2). */
  private static final int HUGE_PAGE = 14;

  private LargePages() {}

  /** Gives the advice for a piece of native memory. */
  @SuppressWarnings("restricted")
  static void advise(MemorySegment memory) {
    if (!System.getProperty("os.name").equals("Linux")) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> madvise = linker.defaultLookup().find("madvise");
    if (madvise.isEmpty()) {
      return;
    }
    MethodHandle handle =
        linker.downcallHandle(
            madvise.get(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
    try {
      int ignored = (int) handle.invokeExact(memory, memory.byteSize(), HUGE_PAGE);
    } catch (Throwable e) {
      throw new IllegalStateException("madvise", e);
    }
  }
}
