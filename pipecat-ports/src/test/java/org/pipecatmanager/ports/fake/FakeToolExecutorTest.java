package org.pipecatmanager.ports.fake;

import java.util.List;
import java.util.Map;
import org.pipecatmanager.ports.contract.ToolExecutorContract;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.ToolExecutor;

class FakeToolExecutorTest implements ToolExecutorContract {
    @Override
    public Harness newHarness() {
        var executor = new FakeToolExecutor();
        return new Harness() {
            @Override
            public ToolExecutor executor() {
                return executor;
            }

            @Override
            public ToolDefinition tool() {
                return new ToolDefinition("weather", "", Map.of(), true, false, null);
            }

            @Override
            public void answer(Object data) {
                executor.answer("weather", call -> ToolResult.success(call.id(), data));
            }

            @Override
            public void fail() {
                executor.answer("weather", call -> ToolResult.failure(call.id(), "the tool failed"));
            }

            @Override
            public void hang() {
                executor.answer("weather", call -> ToolResult.failure(call.id(), "the tool did not answer in time"));
            }

            @Override
            public List<Attempt> attempts() {
                return executor.calls().stream()
                        .map(call -> new Attempt(call.id(), call.arguments()))
                        .toList();
            }

            @Override
            public void close() {}
        };
    }
}
