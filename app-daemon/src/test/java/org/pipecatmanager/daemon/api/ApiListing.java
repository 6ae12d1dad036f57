package org.pipecatmanager.daemon.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.TypeVariable;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is public in some packages, as text: a line for each type, and below it, indented, one for each thing that others may name.
 * What is nullable is part of it.
 */
final class ApiListing {
    private static final String INDENT = "  ";

    private ApiListing() {}

    /** The public types of packages, and single ones by their names, found where one of their classes was loaded from. */
    static List<Class<?>> typesOf(Class<?> oneOfThem, Collection<String> packages) {
        try {
            Path place = Path.of(oneOfThem
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            if (Files.isDirectory(place)) {
                return typesBelow(place, oneOfThem.getClassLoader(), packages);
            }
            try (FileSystem jar = FileSystems.newFileSystem(place)) {
                return typesBelow(jar.getPath("/"), oneOfThem.getClassLoader(), packages);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static List<Class<?>> typesBelow(Path root, ClassLoader loader, Collection<String> packages)
            throws IOException {
        List<Class<?>> found = new ArrayList<>();
        for (String each : packages) {
            if (Character.isUpperCase(each.charAt(each.lastIndexOf('.') + 1))) {
                found.add(load(loader, each));
                continue;
            }
            try (Stream<Path> files = Files.list(root.resolve(each.replace('.', '/')))) {
                for (Path file : files.toList()) {
                    String name = String.valueOf(file.getFileName());
                    if (name.endsWith(".class") && !name.equals("package-info.class")) {
                        Class<?> type = load(loader, each + "." + name.substring(0, name.length() - 6));
                        if (isVisible(type)) {
                            found.add(type);
                        }
                    }
                }
            }
        }
        return found;
    }

    private static Class<?> load(ClassLoader loader, String name) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Others can name it: it and all around it are public, or protected in something that others may extend. */
    private static boolean isVisible(Class<?> type) {
        if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic()) {
            return false;
        }
        Class<?> around = type.getDeclaringClass();
        return isVisible(type.getModifiers(), around) && (around == null || isVisible(around));
    }

    private static boolean isVisible(int modifiers, @Nullable Class<?> owner) {
        return Modifier.isPublic(modifiers)
                || (Modifier.isProtected(modifiers) && owner != null && !Modifier.isFinal(owner.getModifiers()));
    }

    /** Types with their members, as text. */
    static String text(Collection<Class<?>> types) {
        return members(types).entrySet().stream()
                .map(entry -> entry.getKey() + "\n"
                        + entry.getValue().stream()
                                .map(line -> INDENT + line + "\n")
                                .collect(Collectors.joining()))
                .collect(Collectors.joining());
    }

    /** The text's types and their members. */
    static SortedMap<String, List<String>> parse(String text) {
        SortedMap<String, List<String>> found = new TreeMap<>();
        List<String> current = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.startsWith(INDENT)) {
                current.add(line.strip());
            } else if (!line.isBlank() && !line.startsWith("#")) {
                current = new ArrayList<>();
                found.put(line.strip(), current);
            }
        }
        return found;
    }

    private static SortedMap<String, List<String>> members(Collection<Class<?>> types) {
        SortedMap<String, List<String>> found = new TreeMap<>();
        for (Class<?> type : types) {
            found.put(head(type), membersOf(type));
        }
        return found;
    }

    private static String head(Class<?> type) {
        List<String> words = new ArrayList<>();
        words.add(type.getName() + variables(type.getTypeParameters()) + ":");
        int modifiers = type.getModifiers();
        boolean implied = type.isInterface() || type.isEnum() || type.isRecord();
        addIf(words, type.isSealed(), "sealed");
        addIf(words, !implied && Modifier.isAbstract(modifiers), "abstract");
        addIf(words, !implied && Modifier.isFinal(modifiers), "final");
        words.add(
                type.isAnnotation()
                        ? "annotation"
                        : type.isInterface()
                                ? "interface"
                                : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class");
        return String.join(" ", words);
    }

    private static List<String> membersOf(Class<?> type) {
        var lines = new TreeSet<String>();
        AnnotatedType above = type.getAnnotatedSuperclass();
        if (above != null && !List.of(Object.class, Record.class).contains(type.getSuperclass()) && !type.isEnum()) {
            lines.add("extends " + name(above));
        }
        for (AnnotatedType each : type.getAnnotatedInterfaces()) {
            lines.add("is " + name(each));
        }
        if (type.isSealed()) {
            Arrays.stream(type.getPermittedSubclasses())
                    .filter(ApiListing::isVisible)
                    .forEach(each -> lines.add("permits " + each.getName()));
        }
        for (Field field : type.getDeclaredFields()) {
            if (isVisible(field.getModifiers(), type) && !field.isSynthetic()) {
                lines.add(field(field));
            }
        }
        for (Constructor<?> each : type.getDeclaredConstructors()) {
            if (isVisible(each.getModifiers(), type) && !each.isSynthetic()) {
                lines.add("new(" + parameters(each) + ")" + thrown(each));
            }
        }
        // What a class has from one that nobody can name is its own to others.
        for (Class<?> from = type; from != null && (from == type || !isVisible(from)); from = from.getSuperclass()) {
            for (Method method : from.getDeclaredMethods()) {
                if (isVisible(method.getModifiers(), type) && !method.isSynthetic() && !isImplied(type, method)) {
                    lines.add(method(type, method));
                }
            }
        }
        return List.copyOf(lines);
    }

    /** What every enum has, and what every object has. */
    private static boolean isImplied(Class<?> type, Method method) {
        String name = method.getName();
        boolean ofEnums = type.isEnum() && (name.equals("values") || name.equals("valueOf"));
        return ofEnums
                || switch (method.getParameterCount()) {
                    case 0 -> name.equals("toString") || name.equals("hashCode");
                    case 1 -> name.equals("equals");
                    default -> false;
                };
    }

    private static String field(Field field) {
        List<String> words = new ArrayList<>();
        if (field.isEnumConstant()) {
            return "constant " + field.getName();
        }
        addIf(words, Modifier.isStatic(field.getModifiers()), "static");
        addIf(words, Modifier.isFinal(field.getModifiers()), "final");
        words.add(name(field.getAnnotatedType()));
        words.add(field.getName());
        return String.join(" ", words);
    }

    private static String method(Class<?> type, Method method) {
        List<String> words = new ArrayList<>();
        int modifiers = method.getModifiers();
        addIf(words, Modifier.isProtected(modifiers), "protected");
        addIf(words, Modifier.isStatic(modifiers), "static");
        addIf(words, Modifier.isAbstract(modifiers), "abstract");
        addIf(words, method.isDefault(), "default");
        addIf(words, Modifier.isFinal(modifiers) && !Modifier.isFinal(type.getModifiers()), "final");
        String variables = variables(method.getTypeParameters());
        addIf(words, !variables.isEmpty(), variables);
        words.add(name(method.getAnnotatedReturnType()));
        words.add(method.getName() + "(" + parameters(method) + ")" + thrown(method));
        return String.join(" ", words);
    }

    private static String parameters(Executable of) {
        return Arrays.stream(of.getAnnotatedParameterTypes())
                .map(ApiListing::name)
                .collect(Collectors.joining(", "));
    }

    private static String thrown(Executable of) {
        return of.getExceptionTypes().length == 0
                ? ""
                : Arrays.stream(of.getExceptionTypes())
                        .map(Class::getName)
                        .sorted()
                        .collect(Collectors.joining(", ", " throws ", ""));
    }

    private static String variables(TypeVariable<?>[] of) {
        return of.length == 0
                ? ""
                : Arrays.stream(of)
                        .map(each -> each.getName() + " extends "
                                + Arrays.stream(each.getAnnotatedBounds())
                                        .map(ApiListing::name)
                                        .collect(Collectors.joining(" & ")))
                        .collect(Collectors.joining(", ", "<", ">"));
    }

    private static String name(AnnotatedType type) {
        return type.toString().replace("@org.jspecify.annotations.Nullable()", "@Nullable");
    }

    private static void addIf(List<String> words, boolean condition, String word) {
        if (condition) {
            words.add(word);
        }
    }
}
