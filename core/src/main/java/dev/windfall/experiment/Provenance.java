package dev.windfall.experiment;

import dev.windfall.data.DatasetChecksum;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * With what a run was made, as in {@code provenance.json}: enough to make it again, or to see why
 * another machine made something else.
 *
 * @param windfall version and commit
 * @param java the virtual machine
 * @param machine processors and operating system
 * @param engine what computes, by which path and with how many threads
 * @param data what was trained on
 * @param seed of everything that is random
 * @param started when
 */
record Provenance(
    SourceVersion windfall,
    Java java,
    Computer machine,
    EngineUsed engine,
    DataUsed data,
    long seed,
    String started) {

  /** The virtual machine. */
  record Java(String version, String vendor, String machine, long maxHeapBytes) {}

  /** Processors and operating system. */
  record Computer(String processor, int processors, String system, String architecture) {}

  /** What computes. */
  record EngineUsed(String name, String description, int threads) {}

  /** What was trained on; the checksum is {@link DatasetChecksum}'s. */
  record DataUsed(
      String name, @Nullable String folder, int trainImages, int testImages, String sha256) {}

  /** The provenance of a run that starts now. */
  static Provenance of(RunPlan plan) {
    return new Provenance(
        SourceVersion.current(),
        new Java(
            System.getProperty("java.version"),
            System.getProperty("java.vendor"),
            System.getProperty("java.vm.name"),
            Runtime.getRuntime().maxMemory()),
        new Computer(
            Machine.processor(),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.name") + " " + System.getProperty("os.version"),
            System.getProperty("os.arch")),
        new EngineUsed(plan.engine().name(), plan.engine().description(), plan.threads()),
        new DataUsed(
            plan.dataset().name(),
            plan.recipe().data().dir(),
            plan.dataset().train().count(),
            plan.dataset().test().count(),
            DatasetChecksum.sha256(plan.dataset())),
        plan.recipe().run().seed(),
        Instant.now().toString());
  }
}
