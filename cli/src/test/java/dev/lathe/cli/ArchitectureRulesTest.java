package dev.lathe.cli;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.core.domain.properties.HasParameterTypes.Predicates.rawParameterTypes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The structure of docs/adr as rules: who may know whom, one heavy library a module, randomness passed in. */
@AnalyzeClasses(packages = "dev.lathe", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureRulesTest {
    @ArchTest
    static final ArchRule MODULES_POINT_ONE_WAY = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("base")
            .definedBy("dev.lathe.base..")
            .layer("graph")
            .definedBy("dev.lathe.graph..")
            .layer("space")
            .definedBy("dev.lathe.space..")
            .layer("supernet")
            .definedBy("dev.lathe.supernet..")
            .layer("device")
            .definedBy("dev.lathe.device..")
            .layer("scoring")
            .definedBy(in("dev.lathe.predict").and(not(in("dev.lathe.predict.train"))))
            .layer("training")
            .definedBy("dev.lathe.predict.train..")
            .layer("evolve")
            .definedBy("dev.lathe.evolve..")
            .layer("cluster")
            .definedBy("dev.lathe.cluster..")
            .layer("results")
            .definedBy("dev.lathe.results..")
            .layer("notebook")
            .definedBy("dev.lathe.notebook..")
            .layer("cli")
            .definedBy("dev.lathe.cli..")
            .whereLayer("base")
            .mayNotAccessAnyLayer()
            .whereLayer("graph")
            .mayOnlyAccessLayers("base")
            .whereLayer("space")
            .mayOnlyAccessLayers("base", "graph")
            .whereLayer("supernet")
            .mayOnlyAccessLayers("base", "graph", "space")
            .whereLayer("device")
            .mayOnlyAccessLayers("base", "graph", "space")
            .whereLayer("scoring")
            .mayOnlyAccessLayers("base", "graph", "space")
            .whereLayer("training")
            .mayOnlyAccessLayers("base", "graph", "space", "scoring")
            .whereLayer("evolve")
            .mayOnlyAccessLayers("base", "space")
            .whereLayer("cluster")
            .mayOnlyAccessLayers("base", "graph", "space", "scoring", "evolve")
            .whereLayer("results")
            .mayOnlyAccessLayers("base", "graph", "space", "evolve")
            .whereLayer("notebook")
            .mayOnlyAccessLayers("base")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer();

    /** Within a module, a family and its members may know each other: spaces are listed where their parts are looked up. */
    @ArchTest
    static final ArchRule NO_PACKAGE_CYCLES =
            slices().matching("dev.lathe.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule DJL_STAYS_IN_SUPERNET = stays("ai.djl..", "dev.lathe.supernet..");

    @ArchTest
    static final ArchRule SPARK_STAYS_IN_CLUSTER = stays("org.apache.spark..", "dev.lathe.cluster..");

    @ArchTest
    static final ArchRule H2O_TRAINING_STAYS_IN_TRAINING = stays("water..", "dev.lathe.predict.train..");

    @ArchTest
    static final ArchRule MOJO_STAYS_IN_PREDICTORS = stays("hex..", "dev.lathe.predict..");

    @ArchTest
    static final ArchRule JENETICS_STAYS_IN_EVOLUTION = stays("io.jenetics..", "dev.lathe.evolve..");

    @ArchTest
    static final ArchRule ONNX_RUNTIME_STAYS_IN_DEVICE_PROFILES = stays("ai.onnxruntime..", "dev.lathe.device..");

    @ArchTest
    static final ArchRule ONNX_PROTOBUF_STAYS_IN_GRAPH = stays("ai.onnx.proto..", "dev.lathe.graph..");

    @ArchTest
    static final ArchRule JUPYTER_STAYS_IN_THE_KERNEL = stays("org.dflib.jjava..", "dev.lathe.notebook..");

    @ArchTest
    static final ArchRule PICOCLI_STAYS_IN_CLI = stays("picocli..", "dev.lathe.cli..");

    @ArchTest
    static final ArchRule ONLY_SPACES_AND_THE_COMMAND_NAME_A_SPACE = noClasses()
            .that()
            .resideOutsideOfPackage("dev.lathe.space..")
            .should()
            .dependOnClassesThat()
            .haveSimpleNameEndingWith("TinySpace");

    @ArchTest
    static final ArchRule RANDOMNESS_IS_PASSED_IN =
            noClasses().should().callMethod(Math.class, "random").orShould().callConstructor(java.util.Random.class);

    @ArchTest
    static final ArchRule LIBRARIES_DO_NOT_PRINT = noClasses()
            .that()
            .resideOutsideOfPackage("dev.lathe.cli..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule NO_JAVA_SERIALIZATION_IS_READ =
            noClasses().should().dependOnClassesThat().areAssignableTo(java.io.ObjectInputStream.class);

    /** DJL frees the number's buffer before the backward pass: gradients become garbage now and then. */
    @ArchTest
    static final ArchRule SCALAR_FACTORS_GO_THROUGH_SCALARS = noClasses()
            .that()
            .doNotHaveSimpleName("Scalars")
            .should()
            .callMethodWhere(
                    target(owner(com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo(NDArray.class)))
                            .and(target(nameMatching("(mul|div|pow)i?")))
                            .and(target(rawParameterTypes(Number.class))));

    private static ArchRule stays(String library, String home) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(home)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library);
    }

    private static DescribedPredicate<JavaClass> in(String root) {
        return JavaClass.Predicates.resideInAPackage(root + "..");
    }

    private static DescribedPredicate<JavaClass> not(DescribedPredicate<JavaClass> p) {
        return DescribedPredicate.not(p);
    }

    /** Two modules with one class would shadow each other by class-path order. */
    @Test
    void noClassOfOursIsThereTwice() throws Exception {
        Map<String, List<String>> homes = new TreeMap<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path p = Path.of(entry);
            if (Files.isDirectory(p)) {
                try (Stream<Path> files = Files.walk(p)) {
                    files.map(f -> p.relativize(f).toString().replace(File.separatorChar, '/'))
                            .forEach(n -> note(homes, n, entry));
                }
            } else if (entry.contains("lathe") && entry.endsWith(".jar")) {
                try (JarFile jar = new JarFile(entry)) {
                    jar.stream().forEach(e -> note(homes, e.getName(), entry));
                }
            }
        }
        assertThat(homes).isNotEmpty();
        assertThat(homes.entrySet().stream().filter(e -> e.getValue().size() > 1))
                .isEmpty();
    }

    private static void note(Map<String, List<String>> homes, String name, String entry) {
        if (name.startsWith("dev/lathe/") && name.endsWith(".class") && !name.endsWith("package-info.class")) {
            homes.computeIfAbsent(name, k -> new ArrayList<>()).add(entry);
        }
    }
}
