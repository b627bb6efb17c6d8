package dev.windfall.torch;

import dev.windfall.engine.Engine;
import dev.windfall.engine.contract.DenseTraceContract;
import dev.windfall.engine.contract.DropoutContract;
import dev.windfall.engine.contract.GrowthContract;
import dev.windfall.engine.contract.LayersContract;
import dev.windfall.engine.contract.LossContract;
import dev.windfall.engine.contract.MethodsContract;
import dev.windfall.engine.contract.OptimizerStepContract;
import dev.windfall.engine.contract.RandomNetworkContract;
import dev.windfall.engine.contract.RewiringContract;
import dev.windfall.engine.contract.ScoringContract;
import dev.windfall.engine.contract.SessionContract;
import dev.windfall.engine.contract.SnapshotContract;
import dev.windfall.engine.contract.TweaksContract;
import org.junit.jupiter.api.Nested;

/** What every engine promises, of this one. */
final class ContractTest {

  @Nested
  final class Layers extends LayersContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }

  @Nested
  final class RandomNetwork extends RandomNetworkContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }

  @Nested
  final class Loss extends LossContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }

  @Nested
  final class Dropout extends DropoutContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }

  @Nested
  final class Snapshot extends SnapshotContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }

  @Nested
  final class OptimizerStep extends OptimizerStepContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }

  @Nested
  final class Session extends SessionContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }

  @Nested
  final class Tweaks extends TweaksContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }

  @Nested
  final class Growth extends GrowthContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }

  @Nested
  final class Rewiring extends RewiringContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }

  @Nested
  final class Scoring extends ScoringContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }

  @Nested
  final class DenseTraces extends DenseTraceContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }

  @Nested
  final class Methods extends MethodsContract {
    @Override
    protected Engine engine() {
      return new TorchEngine();
    }
  }
}
