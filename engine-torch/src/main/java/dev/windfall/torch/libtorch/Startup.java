package dev.windfall.torch.libtorch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/**
 * Loads libtorch with the settings without which it is several times slower on the CPU.
 *
 * <ul>
 *   <li>glibc's allocator keeps large blocks instead of giving them back to the kernel, which would
 *       clear every page again in every step;
 *   <li>BLAS computes on the calling thread only: its pool of threads and that of OpenMP would
 *       fight for the processors;
 *   <li>JavaCPP does not ask for the size of the process at every allocation.
 * </ul>
 */
final class Startup {

  /** Parameters of {@code mallopt}, from glibc's {@code malloc.h}. */
  private static final int M_TRIM_THRESHOLD = -1;

  private static final int M_TOP_PAD = -2;
  private static final int M_MMAP_THRESHOLD = -3;

  private static final String PHYSICAL_BYTES = "org.bytedeco.javacpp.maxPhysicalBytes";

  private static final List<String> PLATFORMS =
      List.of("linux-x86_64", "macosx-arm64", "macosx-x86_64", "windows-x86_64");

  private Startup() {}

  /**
   * Loads libtorch.
   *
   * @throws IllegalArgumentException where there is no native code for this platform
   */
  static void load() {
    configure();
    keepLargeBlocks();
    try {
      Loader.load(torch.class);
    } catch (UnsatisfiedLinkError e) {
      throw new IllegalArgumentException(
          "engine torch: no libtorch for %s on the class path; there is one for %s; use engine vector"
              .formatted(Loader.getPlatform(), String.join(", ", PLATFORMS)),
          e);
    }
    openblas_nolapack.blas_set_num_threads(1);
  }

  /** The version of libtorch and of its binding, such as {@code 2.10.0-1.5.13}; loads nothing. */
  static String version() {
    configure();
    try {
      return Loader.getVersion("org.bytedeco", "pytorch");
    } catch (IOException e) {
      throw new UncheckedIOException("no version of org.bytedeco:pytorch on the class path", e);
    }
  }

  /** JavaCPP reads this when its first class is loaded. */
  private static void configure() {
    if (System.getProperty(PHYSICAL_BYTES) == null) {
      System.setProperty(PHYSICAL_BYTES, "0");
    }
  }

  @SuppressWarnings("restricted") // The launcher enables native access.
  private static void keepLargeBlocks() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> found = linker.defaultLookup().find("mallopt");
    if (found.isEmpty()) {
      return; // not glibc
    }
    FunctionDescriptor twoInts =
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    MethodHandle mallopt = linker.downcallHandle(found.get(), twoInts);
    set(mallopt, M_MMAP_THRESHOLD, 1 << 30);
    set(mallopt, M_TRIM_THRESHOLD, Integer.MAX_VALUE);
    set(mallopt, M_TOP_PAD, 64 << 20);
  }

  private static void set(MethodHandle mallopt, int parameter, int value) {
    try {
      int accepted = (int) mallopt.invokeExact(parameter, value);
      if (accepted != 1) {
        throw new IllegalStateException("mallopt refused " + parameter + " = " + value);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("mallopt cannot be called", e);
    }
  }
}
