using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Bench.Functions;
using VerifiableCompute.Bench.Gpu;
using VerifiableCompute.Bench.Memory;
using VerifiableCompute.Bench.Micro;
using VerifiableCompute.Bench.Oracle;
using VerifiableCompute.Bench.Protocol;
using VerifiableCompute.Bench.Scale;

string verb = args.Length > 0 ? args[0] : string.Empty;
string filter = args.Length > 1 ? args[1] : string.Empty;
switch (verb)
{
    case "oracle":
        return OracleRun.Run(filter);
    case "compare":
        return CompareRun.Run(args[1..]);
    case "functions":
        return filter == "gpu" ? DeviceRun.Run(args[2..]) : FunctionRun.Run(args[1..]);
    case "protocol":
        return ProtocolRun.Run(filter);
    case "ops":
        return OpRun.Run(filter);
    case "memory":
        return MemoryRun.Run(filter);
    case "scale":
        return ScaleRun.Run(filter);
    case "gpu":
        return CheckRun.Run(args[1..]);
    case "micro":
        return MicroRun.Run(args[1..]);
    default:
        Console.Error.WriteLine("usage: bench compare|oracle|functions|protocol|ops|memory|scale|gpu|micro [FILTER]");
        return 64;
}
