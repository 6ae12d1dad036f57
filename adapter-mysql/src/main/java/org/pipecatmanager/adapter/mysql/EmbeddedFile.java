package org.pipecatmanager.adapter.mysql;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The database of a daemon without a platform: one file that its owner alone may read. */
final class EmbeddedFile {
    /** H2 adds {@code .mv.db}. */
    private static final String NAME = "pipecat";

    private EmbeddedFile() {}

    /** The address of the file in a folder; both are made where they are missing. */
    static DatabaseAddress in(Path folder) throws IOException {
        var whole = folder.toAbsolutePath().normalize();
        if (whole.toString().contains(";")) {
            throw new IOException("its name holds ';', which the database's address cannot");
        }
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        if (!Files.isDirectory(whole)) {
            if (posix) {
                Files.createDirectories(
                        whole, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectories(whole);
            }
        }
        if (posix) {
            makePrivate(database(folder));
        }
        return JdbcUrl.h2("jdbc:h2:file:" + whole.resolve(NAME));
    }

    /** Where the file is, or will be. */
    static Path database(Path folder) {
        return folder.toAbsolutePath().normalize().resolve(NAME + ".mv.db");
    }

    /** The address of a file that is there, for who only reads. */
    static DatabaseAddress readOnly(Path folder) {
        return JdbcUrl.h2("jdbc:h2:file:" + folder.toAbsolutePath().normalize().resolve(NAME)
                + ";ACCESS_MODE_DATA=r;IFEXISTS=TRUE");
    }

    private static void makePrivate(Path file) throws IOException {
        var owner = PosixFilePermissions.fromString("rw-------");
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(owner));
        } catch (FileAlreadyExistsException e) {
            Files.setPosixFilePermissions(file, owner);
        }
    }
}
