package org.pipecatmanager.ports.fake;

import java.util.List;
import org.pipecatmanager.ports.contract.RunnerLauncherContract;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.RunnerLauncher;

class FakeRunnerLauncherTest implements RunnerLauncherContract {
    @Override
    public Harness newHarness() {
        var launcher = new FakeRunnerLauncher();
        return new Harness() {
            @Override
            public RunnerLauncher launcher() {
                return launcher;
            }

            @Override
            public void refuse(String message) {
                launcher.refuse(message);
            }

            @Override
            public void fillUp(String message) {
                launcher.fillUp(message);
            }

            @Override
            public void disappear() {
                launcher.disappear();
            }

            @Override
            public List<PipecatcallId> started() {
                return launcher.launches().stream()
                        .map(launch -> launch.call().id())
                        .toList();
            }

            @Override
            public List<PipecatcallId> stopped() {
                return launcher.stops();
            }

            @Override
            public void close() {}
        };
    }
}
