using VerifiableCompute.Bench.Functions;
using VerifiableCompute.Bench.Hashing;
using VerifiableCompute.Bench.Memory;
using VerifiableCompute.Bench.Micro;
using VerifiableCompute.Bench.Oracle;
using VerifiableCompute.Bench.Protocol;
using VerifiableCompute.Bench.Speed;

string verb = args.Length > 0 ? args[0] : string.Empty;
string filter = args.Length > 1 ? args[1] : string.Empty;
switch (verb)
{
    case "oracle":
        return OracleRun.Run(filter);
    case "speed":
        return SpeedRun.Run(filter);
    case "functions":
        return FunctionRun.Run(args[1..]);
    case "hash":
        return HashRun.Run();
    case "protocol":
        return ProtocolRun.Run(filter);
    case "ops":
        return OpRun.Run(filter);
    case "memory":
        return MemoryRun.Run(filter);
    case "memory-host":
        return MemoryRun.Host(args[1..]);
    case "micro":
        return MicroRun.Run(args[1..]);
    default:
        Console.Error.WriteLine("usage: bench oracle|speed|functions|hash|protocol|ops|memory|micro [FILTER]");
        return 64;
}
