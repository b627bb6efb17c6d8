package dev.windfall.experiment;

import com.fasterxml.jackson.core.JsonPointer;
import dev.windfall.data.DatasetChecksum;
import dev.windfall.training.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * With what a run was made, as in {@code provenance.json}: enough to make it again, or to see why
 * another machine made something else.
 *
 * @param windfall version and commit
 * @param java the virtual machine
 * @param machine processors and operating system
 * @param engine what computes, by which path and with how many threads
 * @param recipeSha256 checksum of {@code recipe.yaml}
 * @param maskSha256 checksum of the mask's or ticket's file; null for a recipe without
 * @param data what was trained on
 * @param seed of everything that is random
 * @param started when
 * @param resumptions how the run went on after stops; empty at first
 */
record Provenance(
    SourceVersion windfall,
    Java java,
    Computer machine,
    EngineUsed engine,
    String recipeSha256,
    @Nullable String maskSha256,
    DataUsed data,
    long seed,
    String started,
    List<Resumption> resumptions) {

  /** Where {@code provenance.json} has the recipe's checksum. */
  static final JsonPointer RECIPE_CHECKSUM = JsonPointer.compile("/recipe_sha256");

  /** Where it has the mask's. */
  static final JsonPointer MASK_CHECKSUM = JsonPointer.compile("/mask_sha256");

  /** Where it has the data's. */
  static final JsonPointer DATA_CHECKSUM = JsonPointer.compile("/data/sha256");

  /** Where it has the list of resumptions. */
  static final String RESUMPTIONS = "resumptions";

  /** The virtual machine. */
  record Java(String version, String vendor, String machine, long maxHeapBytes) {
    private static Java current() {
      return new Java(
          System.getProperty("java.version"),
          System.getProperty("java.vendor"),
          System.getProperty("java.vm.name"),
          Runtime.getRuntime().maxMemory());
    }
  }

  /** Processors and operating system. */
  record Computer(String processor, int processors, String system, String architecture) {
    private static Computer current() {
      return new Computer(
          Machine.processor(),
          Runtime.getRuntime().availableProcessors(),
          System.getProperty("os.name") + " " + System.getProperty("os.version"),
          System.getProperty("os.arch"));
    }
  }

  /** What computes. */
  record EngineUsed(String name, String description, int threads) {
    private static EngineUsed of(RunPlan plan) {
      return new EngineUsed(plan.engine().name(), plan.engine().description(), plan.threads());
    }
  }

  /** What was trained on; the checksum is {@link DatasetChecksum}'s. */
  record DataUsed(
      String name, @Nullable String folder, int trainImages, int testImages, String sha256) {}

  /**
   * With what a stopped run went on.
   *
   * @param step the first step
   * @param windfall version and commit
   * @param java the virtual machine
   * @param machine processors and operating system
   * @param engine what computes
   * @param started when
   */
  record Resumption(
      long step,
      SourceVersion windfall,
      Java java,
      Computer machine,
      EngineUsed engine,
      String started) {

    /** The resumption of a run that goes on now. */
    static Resumption of(RunPlan plan, long step) {
      return new Resumption(
          step,
          SourceVersion.current(),
          Java.current(),
          Computer.current(),
          EngineUsed.of(plan),
          Instant.now().toString());
    }
  }

  /**
   * The provenance of a run that starts now.
   *
   * @param recipe text of {@code recipe.yaml}
   */
  static Provenance of(RunPlan plan, String recipe) throws IOException {
    @Nullable String mask = plan.recipe().sparsity().startFile();
    return new Provenance(
        SourceVersion.current(),
        Java.current(),
        Computer.current(),
        EngineUsed.of(plan),
        Sha256.of(recipe.getBytes(StandardCharsets.UTF_8)),
        mask == null ? null : Sha256.of(Path.of(mask)),
        new DataUsed(
            plan.dataset().name(),
            plan.recipe().data().dir(),
            plan.dataset().train().count(),
            plan.dataset().test().count(),
            DatasetChecksum.sha256(plan.dataset())),
        plan.recipe().run().seed(),
        Instant.now().toString(),
        List.of());
  }
}
