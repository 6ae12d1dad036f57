package org.pipecatmanager.daemon.tape;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.Turn;

/** What is asked of calls, taped as far as it changes them. */
record TapedControl(PipecatcallControl control, Tapes tapes) implements PipecatcallControl {
    @Override
    public Pipecatcall start(StartCommand command) {
        Pipecatcall record = control.start(command);
        // A repeated start of a call that is over begins no tape.
        Tape tape =
                record.status() == PipecatcallStatus.STARTING ? tapes.begun(command.id()) : tapes.find(command.id());
        if (tape != null) {
            tape.add(Kind.START, started(command));
        }
        return record;
    }

    /** Which providers were asked for, without messages to the model and without whose call it is. */
    private static Map<String, Object> started(StartCommand command) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("agent", command.agent());
        data.put("llm_type", command.llmType());
        data.put("stt_type", command.sttType());
        data.put("tts_type", command.ttsType());
        data.put("llm_messages", command.llmMessages().size());
        return data;
    }

    @Override
    public Pipecatcall stop(PipecatcallId id, Reach reach) {
        Tape tape = tapes.find(id);
        if (tape != null) {
            tape.add(Kind.STOP, Map.of());
        }
        return control.stop(id, reach);
    }

    @Override
    public Message sendMessage(MessageCommand command, Reach reach) {
        Tape tape = tapes.find(command.pipecatcallId());
        if (tape != null) {
            Map<String, Object> data = new LinkedHashMap<>();
            data.put("message_id", command.messageId());
            data.put("text", command.text());
            data.put("run_immediately", command.runImmediately());
            data.put("audio_response", command.audioResponse());
            tape.add(Kind.TEXT, data);
        }
        return control.sendMessage(command, reach);
    }

    @Override
    public Pipecatcall get(PipecatcallId id) {
        return control.get(id);
    }

    @Override
    public Page<Pipecatcall> list(ListQuery query) {
        return control.list(query);
    }

    @Override
    public List<SpokenMessage> messages(PipecatcallId id) {
        return control.messages(id);
    }

    @Override
    public List<Turn> turns(PipecatcallId id) {
        return control.turns(id);
    }

    @Override
    public CallReport report(PipecatcallId id) {
        return control.report(id);
    }

    @Override
    public Map<String, Object> providers() {
        return control.providers();
    }

    @Override
    public Ping ping() {
        return control.ping();
    }
}
