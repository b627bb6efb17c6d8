package dev.windfall.experiment;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.windfall.data.DatasetChecksum;
import dev.windfall.training.Checkpoint;
import dev.windfall.training.DurableFile;
import dev.windfall.training.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A run that was stopped before its end, by whatever: its folder, looked through and locked, with
 * the newest good checkpoint. Recipe and data are those that it began with. Nothing in the folder
 * is changed before the run goes on.
 */
public final class StoppedRun implements AutoCloseable {

  private final RunFolder folder;
  private final RunLock lock;
  private final ObjectNode provenance;
  private final RunPlan plan;
  private final Optional<Checkpoint> checkpoint;
  private final List<String> damage;

  private StoppedRun(
      RunFolder folder,
      RunLock lock,
      ObjectNode provenance,
      RunPlan plan,
      Optional<Checkpoint> checkpoint,
      List<String> damage) {
    this.folder = folder;
    this.lock = lock;
    this.provenance = provenance;
    this.plan = plan;
    this.checkpoint = checkpoint;
    this.damage = damage;
  }

  /**
   * Opens a run.
   *
   * @param folder of a run that is not finished
   * @param planner makes the recipe, which it may give another number of threads, real
   * @throws IOException in one line: where somebody trains there, something is missing, recipe or
   *     data are not what they were, or all checkpoints are damaged
   * @throws IllegalArgumentException where the recipe does not fit this version
   */
  public static StoppedRun open(RunFolder folder, Function<RecipeDraft, RunPlan> planner)
      throws IOException {
    RunLock lock = RunLock.of(folder);
    @Nullable StoppedRun opened = null;
    try {
      opened = open(folder, planner, lock);
      return opened;
    } finally {
      if (opened == null) {
        lock.close();
      }
    }
  }

  private static StoppedRun open(
      RunFolder folder, Function<RecipeDraft, RunPlan> planner, RunLock lock) throws IOException {
    ObjectNode provenance = provenance(folder);
    RunPlan plan = plan(folder, provenance, planner);
    List<String> damage = new ArrayList<>();
    Optional<Checkpoint> checkpoint = folder.checkpoints().newest(damage::add);
    if (checkpoint.isPresent() && !checkpoint.get().model().equals(plan.network().name())) {
      throw new IOException(
          "the checkpoints in %s are of %s, not of this run's %s"
              .formatted(folder.path(), checkpoint.get().model(), plan.network().name()));
    }
    return new StoppedRun(folder, lock, provenance, plan, checkpoint, List.copyOf(damage));
  }

  private static ObjectNode provenance(RunFolder folder) throws IOException {
    try {
      if (JsonText.read(Files.readString(folder.provenance())) instanceof ObjectNode provenance) {
        return provenance;
      }
      throw new IOException(folder.provenance() + " is damaged: it is no JSON object");
    } catch (NoSuchFileException e) {
      throw new IOException(
          "%s was stopped before it began; 'windfall train %s' begins it anew"
              .formatted(folder.path(), folder.recipe()),
          e);
    } catch (JsonProcessingException e) {
      throw new IOException(folder.provenance() + " is damaged: it is no JSON", e);
    }
  }

  private static RunPlan plan(
      RunFolder folder, ObjectNode provenance, Function<RecipeDraft, RunPlan> planner)
      throws IOException {
    String text = RecipeDraft.readText(folder.recipe());
    requireSame(
        folder.recipe().toString(),
        Sha256.of(text.getBytes(StandardCharsets.UTF_8)),
        folder,
        provenance,
        Provenance.RECIPE_CHECKSUM);
    RunPlan plan = planner.apply(RecipeDraft.defaults().with(text, folder.recipe().toString()));
    for (RecipeFile file : RecipeFile.values()) {
      @Nullable String path = file.path(plan.recipe());
      if (path != null && Files.exists(Path.of(path))) {
        requireSame(path, Sha256.of(Path.of(path)), folder, provenance, file.checksum());
      }
    }
    requireSame(
        "the data set " + plan.dataset().name(),
        DatasetChecksum.sha256(plan.dataset()),
        folder,
        provenance,
        Provenance.DATA_CHECKSUM);
    return plan;
  }

  private static void requireSame(
      String what, String found, RunFolder folder, ObjectNode provenance, JsonPointer field)
      throws IOException {
    String expected = provenance.at(field).asText();
    if (!found.equals(expected)) {
      throw new IOException(
          "%s is not what the run began with: its SHA-256 is %s, and %s says '%s'; put it back, or begin anew with 'windfall train'"
              .formatted(what, found, folder.provenance(), expected));
    }
  }

  /** What is going to be done, the part that is done already included. */
  public RunPlan plan() {
    return plan;
  }

  /** Where it is. */
  public RunFolder folder() {
    return folder;
  }

  /** From where it goes on; empty where it must begin again, for it was stopped too early. */
  public Optional<Checkpoint> checkpoint() {
    return checkpoint;
  }

  /** The first step that is going to be done. */
  public long step() {
    return checkpoint.map(found -> found.progress().step()).orElse(plan.firstStep());
  }

  /** A line about each newer checkpoint that is damaged. */
  public List<String> damage() {
    return damage;
  }

  /**
   * Takes away what comes after the checkpoint: lines of metrics, damaged checkpoints, and what a
   * killed process left half done. Says in the provenance that the run goes on.
   */
  void goOn() throws IOException {
    DurableFile.deleteTemporary(folder.path());
    folder.checkpoints().cleanAfter(step());
    MetricsLog.cut(folder.metrics(), step());
    provenance
        .withArrayProperty(Provenance.RESUMPTIONS)
        .add(JsonText.tree(Provenance.Resumption.of(plan, step())));
    DurableFile.writeText(folder.provenance(), JsonText.document(provenance));
  }

  /** Frees the folder for others. */
  @Override
  public void close() throws IOException {
    lock.close();
  }
}
