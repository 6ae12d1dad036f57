package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames;

/** Our schema against pipecat's compiled one, which the runner's tests hold to the installed pipecat. */
class FrameSchemaTest {
    private static final Path PIPECATS = Path.of("..", "vectors", "frames", "pipecat-schema.desc");

    @Test
    void every_message_field_number_and_type_is_pipecats() throws Exception {
        FileDescriptorProto theirs = FileDescriptorProto.parseFrom(Files.readAllBytes(PIPECATS));
        FileDescriptorProto ours = PipecatFrames.getDescriptor().toProto();
        assertThat(ours.getPackage()).isEqualTo(theirs.getPackage()).isEqualTo("pipecat");
        assertThat(ours.getSyntax()).isEqualTo(theirs.getSyntax());
        assertThat(shape(ours)).hasSize(6).isEqualTo(shape(theirs));
    }

    private static List<String> shape(FileDescriptorProto file) {
        return file.getMessageTypeList().stream()
                .map(FrameSchemaTest::shape)
                .sorted()
                .toList();
    }

    private static String shape(DescriptorProto message) {
        return message.getName()
                + message.getFieldList().stream()
                        .map(FrameSchemaTest::shape)
                        .sorted()
                        .toList();
    }

    private static String shape(FieldDescriptorProto field) {
        return field.getNumber() + " " + field.getName() + " " + field.getLabel() + " " + field.getType() + " "
                + field.getTypeName() + " " + field.getProto3Optional() + " " + (field.hasOneofIndex() ? "oneof" : "");
    }
}
