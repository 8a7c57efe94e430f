// swift-tools-version: 6.1
import PackageDescription

/// The rooms, each importing only those above it (see README, "How it is built").
let package = Package(
  name: "swift-autograd",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Tensors", targets: ["Tensors"]),
    .library(name: "Autograd", targets: ["Autograd"]),
    .library(name: "NN", targets: ["NN"]),
    .library(name: "Optim", targets: ["Optim"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "Training", targets: ["Training"]),
    .executable(name: "Digits", targets: ["Digits"]),
    .executable(name: "Backprop", targets: ["Backprop"]),
    .executable(name: "ModulesExample", targets: ["ModulesExample"]),
    .executable(name: "ResNet", targets: ["ResNet"]),
    .executable(name: "ToyClassification", targets: ["ToyClassification"]),
    .executable(name: "Activations", targets: ["Activations"]),
    .executable(name: "Fashion", targets: ["Fashion"]),
    .executable(name: "Autoencoder", targets: ["Autoencoder"]),
    .executable(name: "ConvNet", targets: ["ConvNet"]),
    .executable(name: "Benchmarks", targets: ["Benchmarks"]),
  ],
  targets: [
    .target(name: "Kernels"),
    .systemLibrary(name: "CZlib"),
    .target(name: "Tensors", dependencies: ["Kernels"]),
    .target(name: "Autograd", dependencies: ["Tensors"]),
    .target(name: "NN", dependencies: ["Autograd"]),
    .target(name: "Optim", dependencies: ["NN"]),
    .target(name: "Datasets", dependencies: ["Tensors", "CZlib"], resources: [.copy("Resources/digits")]),
    .target(name: "Training", dependencies: ["NN", "Optim", "Datasets"]),

    .executableTarget(name: "Digits", dependencies: ["Training"], path: "Examples/Digits"),
    .executableTarget(name: "Backprop", dependencies: ["Training"], path: "Examples/Backprop"),
    // Not "Modules": SwiftPM keeps a folder of that name where the program would be written.
    .executableTarget(name: "ModulesExample", dependencies: ["Training"], path: "Examples/Modules"),
    .executableTarget(name: "ResNet", dependencies: ["Training"], path: "Examples/ResNet"),
    .executableTarget(name: "ToyClassification", dependencies: ["Training"], path: "Examples/ToyClassification"),
    .executableTarget(name: "Activations", dependencies: ["Training"], path: "Examples/Activations"),
    .executableTarget(name: "Fashion", dependencies: ["Training"], path: "Examples/Fashion"),
    .executableTarget(name: "Autoencoder", dependencies: ["Training"], path: "Examples/Autoencoder"),
    .executableTarget(name: "ConvNet", dependencies: ["Training"], path: "Examples/ConvNet"),
    .executableTarget(name: "Benchmarks", dependencies: ["Training"], path: "Benchmarks/Benchmarks"),
    .executableTarget(name: "StartupBenchmark", dependencies: ["Tensors"], path: "Benchmarks/Startup"),

    .testTarget(name: "KernelsTests", dependencies: ["Kernels"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
    .testTarget(name: "AutogradTests", dependencies: ["Autograd"]),
    .testTarget(name: "NNTests", dependencies: ["NN", "Optim"]),
    .testTarget(name: "OptimTests", dependencies: ["Optim", "Datasets"]),
    .testTarget(name: "ConformanceTests", dependencies: ["NN", "Optim"]),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets"]),
    .testTarget(name: "TrainingTests", dependencies: ["Training"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)
